import type { Readable, Writable } from "node:stream";

/** The process as the commands see it. Only `main.ts` touches the real one. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Calls back at each SIGINT or SIGTERM; returns what stops it. */
  onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void;
  /** Calls back at each SIGHUP, which else ends the process; returns what stops it. */
  onHangup(listener: () => void): () => void;
}

/** Writes a line to standard output. */
export function printLine(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}

/** Writes a line to standard error. */
export function noteLine(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

/** Writes a value as indented JSON. */
export function printJson(terminal: Terminal, value: unknown): void {
  printLine(terminal, JSON.stringify(value, null, 2));
}
