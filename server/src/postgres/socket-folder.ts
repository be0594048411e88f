import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateFolder } from "./cluster.js";
import type { SystemUser } from "./system-user.js";

/** A Unix socket's path holds 107 bytes on Linux, 103 on macOS; the socket's own name takes 16. */
const MAX_FOLDER_BYTES = 84;

/**
 * Makes the folder for the Unix socket: in the data directory, or, where that path is too long, a private one among the
 * temporary files. Undefined on Windows, where PostgreSQL listens on the loopback address.
 */
export async function makeSocketFolder(dir: string, user: SystemUser): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  const near = join(dir, "socket");
  if (Buffer.byteLength(near) <= MAX_FOLDER_BYTES) {
    await makePrivateFolder(near, user);
    return near;
  }
  const name = `relay-${createHash("sha256").update(dir).digest("hex").slice(0, 16)}`;
  const far = join(tmpdir(), name);
  const existing = await lstat(far).catch(() => undefined);
  const owner = user?.uid ?? process.getuid?.();
  if (existing !== undefined && (!existing.isDirectory() || existing.uid !== owner)) {
    throw new Error(`${far} belongs to somebody else: remove it, or choose a shorter RELAY_DATA_DIR.`);
  }
  await makePrivateFolder(far, user);
  return far;
}
