import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePostmasterFile } from "./postmaster-file.js";

/**
 * Ends the PostgreSQL of a folder at once (an immediate shutdown: what was committed is kept, the next start recovers).
 * Synchronous, for a process that is about to exit. Does nothing where none runs.
 */
export function killPostmaster(dir: string): void {
  try {
    const postmaster = parsePostmasterFile(readFileSync(join(dir, "cluster/data/postmaster.pid"), "utf8"));
    if (postmaster === undefined) return;
    // The id may have gone to another program since; where /proc exists it tells.
    const name =
      process.platform === "linux" ? readFileSync(`/proc/${postmaster.pid}/comm`, "utf8").trim() : "postgres";
    if (name === "postgres") process.kill(postmaster.pid, "SIGQUIT");
  } catch {
    // None runs, or it belongs to somebody else.
  }
}
