import type pg from "pg";

/** Any constant: the key of the advisory lock that one server holds as long as it uses its embedded database. */
const LOCK_KEY = 5_902_117_446;

/** How long a predecessor's connection may take to disappear after it was killed. */
const PATIENCE_MS = 3_000;

export class DataDirInUseError extends Error {
  override name = "DataDirInUseError";
}

/**
 * Takes the data directory for this process. The lock is a session-level advisory lock in the embedded database itself:
 * it cannot outlive its holder (the kernel closes the connection of a killed process), knows no stale files, and does not
 * care for process ids, which are reused and mean nothing across containers. It is held until `client` ends.
 */
export async function lockDataDir(client: pg.Client, dataDir: string): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [LOCK_KEY]);
    if (rows[0]?.locked === true) return;
    if (Date.now() > giveUpAt) throw new DataDirInUseError(await explain(client, dataDir));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function explain(client: pg.Client, dataDir: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = $1`,
    [LOCK_KEY],
  );
  const holder = rows[0] === undefined ? "" : ` (${rows[0].name})`;
  return (
    `Another Relay server${holder} runs on the data directory ${dataDir}. Stop it first, give this one a directory of its ` +
    "own with RELAY_DATA_DIR, or set DATABASE_URL to share one PostgreSQL between servers."
  );
}

/** The application name of the connection that holds the lock: tells people which process it is. */
export function lockHolderName(): string {
  return `relay-server pid ${process.pid}`;
}
