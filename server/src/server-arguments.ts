export type ServerArguments =
  | { readonly kind: "run" | "migrate" | "health" | "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the server's command line: a word that says what to do. Settings are environment variables. */
export function serverArguments(argv: readonly string[]): ServerArguments {
  if (argv.includes("--help") || argv.includes("-h")) return { kind: "help" };
  const [word, ...more] = argv;
  if (word === undefined) return { kind: "run" };
  const known = word === "migrate" || word === "health";
  const first = known ? more[0] : word;
  if (known && first === undefined) return { kind: word };
  // Somebody may have typed a secret behind it.
  const shown = JSON.stringify(first?.replace(/=.*/s, "=…"));
  return {
    kind: "wrong",
    message:
      `relay: unknown argument ${shown}. The server knows the words migrate and health, or none to run. Settings are ` +
      "environment variables, as HTTP_API_PORT=8080. See --help.",
  };
}
