import { readFile } from "node:fs/promises";

/**
 * True when a process of this id runs and is certainly not PostgreSQL: the id in a stale `postmaster.pid` was given to
 * somebody else, and PostgreSQL would wait for that process for ever. Only Linux tells; elsewhere false. PostgreSQL's own
 * check of its shared memory still protects a cluster that is in use.
 */
export async function isForeignProcess(pid: number): Promise<boolean> {
  if (process.platform !== "linux") return false;
  try {
    const name = (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
    return name !== "postgres";
  } catch {
    return false;
  }
}

/** True when a process of this id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
