import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError, EXIT } from "./exit-codes.js";

/** A file that is about to hold a secret. */
export interface SecretOutput {
  /** Puts the text in the file's place, whole and readable by this user only. */
  write(text: string): Promise<void>;
  /** Without effect after `write`. */
  abandon(): Promise<void>;
}

/**
 * Makes sure that a secret can be written to the path, before there is one: makes the new file beside it, with mode 600.
 * Throws CliError when that is not possible.
 */
export async function openSecretOutput(path: string): Promise<SecretOutput> {
  const target = await realpath(path).catch(() => path);
  const there = await stat(target).catch(() => null);
  if (there !== null && !there.isFile()) {
    throw new CliError(`${path} is not a file. --show prints the secret, --exec hands it to a command`, EXIT.usage);
  }
  const aside = `${target}.${process.pid}.new`;
  let handle: FileHandle;
  try {
    await rm(aside, { force: true });
    // Never an existing file, which others may have open.
    handle = await open(aside, "wx", 0o600);
    await handle.chmod(0o600);
  } catch (cause) {
    throw new CliError(`cannot write in ${dirname(target)}: ${(cause as Error).message}`, EXIT.failure, { cause });
  }
  let pending = true;
  return {
    async write(text) {
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
      await rename(aside, target);
      pending = false;
    },
    async abandon() {
      if (!pending) return;
      pending = false;
      await handle.close().catch(() => undefined);
      await rm(aside, { force: true });
    },
  };
}
