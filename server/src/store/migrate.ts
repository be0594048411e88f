import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";

const FOLDER = fileURLToPath(new URL("../../sql/", import.meta.url));

/** Any constant: the key of the advisory lock that lets one server migrate at a time. */
const LOCK_KEY = 7_264_173_509;

/** A migration takes as long as it takes; the pool's own limit is for the daily work. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Brings the database to the newest schema: runs the numbered files of `server/sql` that have not run, each in its own
 * transaction. Two servers that start at once queue on an advisory lock; the second finds nothing left to do.
 * Rejects when the database is newer than this program.
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
  const client = await pool.connect();
  try {
    await client.query("SET statement_timeout = 0");
    await client.query(patient("SELECT pg_advisory_lock($1)", [LOCK_KEY]));
    await client.query(
      "CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ id: number }>("SELECT id FROM migrations ORDER BY id");
    const applied = new Set(rows.map((row) => row.id));
    const known = files.map((name) => Number(name.slice(0, 6)));
    const newest = Math.max(0, ...applied);
    if (newest > Math.max(...known)) {
      throw new Error(
        `The database has schema ${newest}, this server knows ${Math.max(...known)}: start the newer server version.`,
      );
    }
    for (const name of files) {
      const id = Number(name.slice(0, 6));
      if (applied.has(id)) continue;
      await client.query("BEGIN");
      await client.query("INSERT INTO migrations (id) VALUES ($1)", [id]);
      await client.query(patient(await readFile(FOLDER + name, "utf8")));
      await client.query("COMMIT");
    }
    await client.query("SELECT pg_advisory_unlock($1)", [LOCK_KEY]);
    await client.query("RESET statement_timeout");
    client.release();
  } catch (error) {
    // Ends the session, and with it the open transaction and the lock.
    client.release(true);
    throw error;
  }
}

/** A statement without the pool's time limit; the option is missing in pg's types. */
function patient(text: string, values?: unknown[]): pg.QueryConfig {
  const config = { text, query_timeout: NO_TIMEOUT_MS };
  return values === undefined ? config : { ...config, values };
}
