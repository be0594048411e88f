import type { Colours } from "./colours.js";

export interface ScreenOptions {
  readonly inputUrl: string;
  /** Undefined: the built-in one. */
  readonly destination: string | undefined;
  readonly dataDir: string;
  readonly logFile: string;
  readonly colours: Colours;
}

/** What a newcomer sees when everything runs. */
export function startScreen({ inputUrl, destination, dataDir, logFile, colours }: ScreenOptions): string {
  const curl = `curl ${shellQuote(inputUrl)} -H 'Content-Type: application/json' -d '{"hello":"world"}'`;
  const goesTo =
    destination === undefined
      ? "It is stored, streamed to the agent (its own process, gRPC with TLS) and printed here.\n" +
        "To send it to a service of yours:  npm start -- http://localhost:3000/hooks"
      : `It is stored, streamed to the agent (its own process, gRPC with TLS) and sent to\n${destination}`;
  return `
${colours.green("Relay is running.")} This URL takes webhooks:

  ${colours.bold(inputUrl)}

Paste this into another terminal:

  ${colours.bold(curl)}

${goesTo}

Data: ${dataDir}    Log: ${logFile}
Read on: README.md, "The walk of one webhook"
Stop: Ctrl-C (drains first)

`;
}

/** A word for a POSIX shell, quoted only when it needs to be. */
function shellQuote(word: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export const USAGE = `npm start [-- destination]

Starts the server, an agent in a process of its own, and, without a destination, a small built-in one that prints
each webhook. With one, webhooks go there:

  npm start -- http://localhost:3000/hooks

Settings are environment variables: npm run server -- --help lists them.
`;
