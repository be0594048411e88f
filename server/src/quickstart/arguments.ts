export type QuickstartArguments =
  | { readonly kind: "run" /** Undefined: the built-in destination. */; readonly destination: string | undefined }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads what follows `npm start --`. */
export function parseArguments(argv: readonly string[]): QuickstartArguments {
  if (argv.includes("--help") || argv.includes("-h")) return { kind: "help" };
  const [destination, ...more] = argv;
  if (destination === undefined) return { kind: "run", destination: undefined };
  if (destination.startsWith("-")) return wrong(`There is no option ${destination}.`);
  if (more.length > 0) return wrong("There is one argument, the destination.");
  const url = URL.canParse(destination) ? new URL(destination) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    const guess = URL.canParse(`http://${destination}`) ? `http://${destination}` : "http://localhost:3000/hooks";
    return wrong(`${JSON.stringify(destination)} is not an http or https URL. Try: npm start -- ${guess}`);
  }
  return { kind: "run", destination };
}

function wrong(message: string): QuickstartArguments {
  return { kind: "wrong", message };
}
