import pg from "pg";
import { lockHolderName } from "./data-dir-lock.js";
import { readPostmasterFile } from "./postmaster-file.js";

/** What a try to reach the cluster's PostgreSQL found. */
export type Reached =
  | { readonly kind: "running"; readonly client: pg.Client; readonly host: string; readonly port: number }
  /** It runs, but recovers from a crash or is stopping. */
  | { readonly kind: "busy" }
  | { readonly kind: "stopped" };

/** cannot_connect_now (PostgreSQL appendix A). */
const CANNOT_CONNECT_NOW = "57P03";

/** Codes that say that nobody listens. */
const NOBODY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EACCES", "ENOTSOCK"]);

/**
 * Connects as the superuser to whatever runs on the cluster, be it started by this process or left by one that was killed.
 * Rejects when something answers that is not this cluster.
 */
export async function connectGuard(dataDir: string, password: string): Promise<Reached> {
  const postmaster = await readPostmasterFile(dataDir);
  if (postmaster === undefined) return { kind: "stopped" };
  const { host, port } = postmaster;
  const client = new pg.Client({
    host,
    port,
    user: "postgres",
    password,
    database: "postgres",
    application_name: lockHolderName(),
    connectionTimeoutMillis: 5_000,
  });
  // A lost connection is the supervisor's business ("end"); without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return { kind: "running", client, host, port };
  } catch (error) {
    await client.end().catch(() => {});
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === CANNOT_CONNECT_NOW) return { kind: "busy" };
    if (code !== undefined && NOBODY.has(code)) return { kind: "stopped" };
    if (message === "Connection terminated unexpectedly" || message.includes("timeout")) return { kind: "busy" };
    throw new Error(
      `The PostgreSQL that runs on ${dataDir} (pid ${postmaster.pid}) refuses the connection: ${message}`,
      {
        cause: error,
      },
    );
  }
}
