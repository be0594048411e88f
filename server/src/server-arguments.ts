export type ServerArguments =
  | { readonly kind: "run" }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the server's command line: it takes no settings, they are environment variables. */
export function serverArguments(argv: readonly string[]): ServerArguments {
  if (argv.includes("--help") || argv.includes("-h")) return { kind: "help" };
  const [first] = argv;
  if (first === undefined) return { kind: "run" };
  // Somebody may have typed a secret behind it.
  const shown = JSON.stringify(first.replace(/=.*/s, "=…"));
  return {
    kind: "wrong",
    message: `relay: unknown argument ${shown}. Settings are environment variables, as HTTP_API_PORT=8080. See --help.`,
  };
}
