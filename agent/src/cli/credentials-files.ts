import { readFileSync, statSync } from "node:fs";
import type { Credentials, CredentialsFile } from "../link/credentials.js";
import { CliError, EXIT } from "./exit-codes.js";

/** `--token-file`: JSON with `key` and `secret`, as `relay token rotate --out` writes it. */
export function tokenFile(path: string): CredentialsFile {
  return {
    path,
    read() {
      const text = read(path);
      try {
        const { key, secret } = JSON.parse(text) as Partial<Credentials>;
        if (isFilled(key) && isFilled(secret)) return { key, secret };
      } catch {
        // Told below; the parser's message could quote the secret.
      }
      throw new CliError(`${path} is not a token file, JSON such as {"key": "…", "secret": "…"}`, EXIT.usage);
    },
  };
}

/** `--secret-file`: the secret alone, with or without a line break at its end; the key is known from elsewhere. */
export function secretFile(path: string, key: string): CredentialsFile {
  return {
    path,
    read() {
      const secret = read(path).replace(/\r?\n$/, "");
      if (secret === "") throw new CliError(`${path} is empty: it must hold the token's secret`, EXIT.usage);
      if (/\s/.test(secret)) {
        throw new CliError(`${path} must hold the token's secret and nothing else, in one line`, EXIT.usage);
      }
      return { key, secret };
    },
  };
}

/**
 * Warns when others than owner and group may read the file. No refusal: a mounted Kubernetes secret is readable by all
 * users of its container unless told otherwise.
 */
export function warnOfReaders(path: string, warn: (text: string) => void): void {
  const mode = modeOf(path);
  if ((mode & 0o004) === 0) return;
  warn(`${path} holds a secret and can be read by every user of this machine: chmod 600 ${path}`);
}

function read(path: string): string {
  // Whoever may write it says who this program is: that is nobody's business but the owner's.
  if ((modeOf(path) & 0o002) !== 0) {
    throw new CliError(`${path} can be changed by every user of this machine: chmod 600 ${path}`, EXIT.usage);
  }
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read ${path}: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}

/** 0 where modes mean nothing, or there is no such file. */
function modeOf(path: string): number {
  if (process.platform === "win32") return 0;
  try {
    return statSync(path).mode;
  } catch {
    return 0;
  }
}

function isFilled(text: unknown): text is string {
  return typeof text === "string" && text !== "";
}
