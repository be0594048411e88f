import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { CliError, EXIT } from "../cli/exit-codes.js";

/**
 * Writes a file so that at any moment there is the old one or the whole new one. Only a regular file can be replaced that
 * way. Throws CliError when it cannot.
 */
export function writeFileAtomically(path: string, text: string, mode: number): void {
  const pending = openPendingFile(path, mode);
  pending.commit(text);
}

/** A file that is open beside its place, and takes it when its text is known. */
export interface PendingFile {
  /** Writes the text to disk and puts the file in its place. */
  commit(text: string): void;
  /** Leaves everything as it was; without effect when the file is in its place. */
  discard(): void;
}

/** Opens a file for a text that is only known later: whether it can be written is known now. */
export function openPendingFile(path: string, mode: number): PendingFile {
  const pending = `${path}.${process.pid}.new`;
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      rmSync(pending, { force: true });
      throw new CliError(`cannot write ${path}: ${(cause as Error).message}`, EXIT.failure, { cause });
    }
  };
  // Never through a link that somebody put there, nor into a file whose reader has it open already.
  const descriptor = attempt(() => openSync(pending, "wx", mode));
  let open = true;
  const close = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return {
    commit: (text) =>
      attempt(() => {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
        fsyncSync(descriptor);
        close();
        renameSync(pending, path);
      }),
    discard: () => {
      close();
      rmSync(pending, { force: true });
    },
  };
}
