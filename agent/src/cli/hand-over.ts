import { spawn } from "node:child_process";
import type { Credentials } from "../link/credentials.js";
import { CliError, EXIT } from "./exit-codes.js";
import { openSecretOutput } from "./secret-output.js";
import type { Terminal } from "./terminal.js";

export const SECRET_FORMATS = ["json", "env", "secret"] as const;

export type SecretFormat = (typeof SECRET_FORMATS)[number];

/** Flags that say where a new secret goes. */
export interface HandOverFlags {
  readonly out?: string;
  readonly exec?: string;
  readonly show?: boolean;
  readonly format: SecretFormat;
}

/** A way for a new secret that is known to be open before there is a secret. */
export interface HandOver {
  /** Where it went, for people. */
  readonly where: string;
  /** Rejects with a reason that holds no secret; then nobody has it. */
  give(credentials: Credentials): Promise<void>;
  /** There is no secret after all. */
  abandon(): Promise<void>;
}

/** Opens the one way that the flags name; null when they name none. Throws CliError when they name several, or it is shut. */
export async function openHandOver(flags: HandOverFlags, terminal: Terminal): Promise<HandOver | null> {
  const { out, exec, show = false, format } = flags;
  if ([out !== undefined, exec !== undefined, show].filter(Boolean).length > 1) {
    throw new CliError("--out, --exec and --show exclude each other: the secret goes one way", EXIT.usage);
  }
  if (out !== undefined) {
    const file = await openSecretOutput(out);
    return {
      where: `written to ${out}`,
      give: (credentials) => file.write(secretText(credentials, format)),
      abandon: () => file.abandon(),
    };
  }
  const nothing = async (): Promise<void> => undefined;
  if (exec !== undefined) {
    return {
      where: "handed to the command",
      give: (credentials) => giveTo(exec, secretText(credentials, format), terminal),
      abandon: nothing,
    };
  }
  if (!show) return null;
  return {
    where: "printed",
    async give(credentials) {
      terminal.stdout.write(secretText(credentials, format));
    },
    abandon: nothing,
  };
}

/** Key and secret as people and programs take them. */
function secretText({ key, secret }: Credentials, format: SecretFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify({ key, secret })}\n`;
    case "env":
      return `RELAY_KEY=${key}\nRELAY_SECRET=${secret}\n`;
    case "secret":
      // As it is: secret stores take a line break as part of it.
      return secret;
  }
}

/** Runs a command of the shell with the text as its standard input: neither its arguments nor its environment hold it. */
function giveTo(command: string, text: string, terminal: Terminal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ["pipe", "inherit", "inherit"], env: { ...terminal.env } });
    let unread: Error | null = null;
    child.stdin.on("error", (error) => {
      unread = error;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code !== 0) reject(new Error(`the command ended with ${signal ?? `exit code ${code}`}`));
      else if (unread !== null) reject(new Error("the command ended well, but without reading the secret"));
      else resolve();
    });
    child.stdin.end(text);
  });
}
