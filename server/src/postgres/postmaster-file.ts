import { readFile } from "node:fs/promises";

/** What a running PostgreSQL says about itself in `postmaster.pid` (PostgreSQL: src/include/utils/pidfile.h). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Folder of the Unix socket, or an address; what a client takes as its host. */
  readonly host: string;
}

/** Reads `postmaster.pid`; undefined when there is none, or it is still being written. */
export async function readPostmasterFile(clusterDir: string): Promise<Postmaster | undefined> {
  try {
    return parsePostmasterFile(await readFile(`${clusterDir}/postmaster.pid`, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Lines: pid, data directory, start time, port, socket folder, listen address, shared memory, status. */
export function parsePostmasterFile(text: string): Postmaster | undefined {
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  const host = lines[4] || lines[5];
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0 || !host) return undefined;
  return { pid, port, host };
}
