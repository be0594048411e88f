import { readFileSync, statSync } from "node:fs";

/** A secret as a file holds it, or the rest of a sentence that begins with the file's name: what is wrong with it. */
export type SecretFile = { readonly text: string; readonly warning?: string } | { readonly problem: string };

/** Far above any secret: a larger file is another one, named by mistake. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a file that holds one secret and nothing else. The line break that editors and `echo` leave at its end is no part
 * of it. Its content is in no message.
 */
export function readSecretFile(path: string): SecretFile {
  let raw: string;
  let warning: string | undefined;
  try {
    const stats = statSync(path);
    const { mode, size, uid } = stats;
    if (!stats.isFile()) return { problem: "is not a file" };
    if (size > MAX_BYTES) return { problem: `has ${size} bytes: that is not a secret but some other file` };
    if (process.platform !== "win32") {
      // Whoever may write it says what the secret is.
      if ((mode & 0o002) !== 0) return { problem: `can be changed by every user of this machine: chmod 600 ${path}` };
      // No refusal, and nothing said to whom it does not belong: mounted secrets are root's and mostly open to read.
      if ((mode & 0o004) !== 0 && uid === process.getuid?.()) {
        warning = `holds a secret and can be read by every user of this machine: chmod 600 ${path}`;
      }
    }
    raw = readFileSync(path, "utf8");
  } catch (error) {
    return { problem: `cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}` };
  }
  const text = raw.replace(/\r?\n$/, "");
  if (text.trim() === "") return { problem: "is empty: it must hold the secret" };
  if (/[\r\n\0]/.test(text)) return { problem: "must hold the secret and nothing else, in one line" };
  return warning === undefined ? { text } : { text, warning };
}
