import type pg from "pg";
import { readMigrations } from "./migration-files.js";
import { schemaState, tooNewMessage } from "./schema-state.js";

/** Any constant: the key of the advisory lock that lets one server migrate at a time. */
const LOCK_KEY = 7_264_173_509;

/** A migration takes as long as it takes; the pool's own limit is for the daily work. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

export interface Migrated {
  /** Number of the newest step that the database has now. */
  readonly schema: number;
  /** Numbers of the steps that ran just now, in their order. */
  readonly applied: readonly number[];
}

/**
 * Brings the database to the newest schema: runs the numbered files of `server/sql` that have not run, each in its own
 * transaction. Programs that start at once queue on an advisory lock; all but the first find nothing left to do. A newer
 * database is left as it is, and is an error unless its newer program has declared that this one works on it.
 */
export async function migrate(pool: pg.Pool): Promise<Migrated> {
  const migrations = await readMigrations();
  const client = await pool.connect();
  try {
    await client.query("SET statement_timeout = 0");
    await client.query(patient("SELECT pg_advisory_lock($1)", [LOCK_KEY]));
    await client.query(
      "CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const state = await schemaState(client, migrations);
    if (state.kind === "too-new") throw new Error(tooNewMessage(state));
    const missing = state.kind === "behind" ? state.missing : [];
    if (missing.length > 0) {
      await client.query("ALTER TABLE migrations ADD COLUMN IF NOT EXISTS oldest_program integer");
    }
    for (const { id, sql, oldestProgram } of missing) {
      await client.query("BEGIN");
      await client.query("INSERT INTO migrations (id, oldest_program) VALUES ($1, $2)", [id, oldestProgram]);
      await client.query(patient(sql));
      await client.query("COMMIT");
    }
    await client.query("SELECT pg_advisory_unlock($1)", [LOCK_KEY]);
    await client.query("RESET statement_timeout");
    client.release();
    return { schema: Math.max(state.schema, state.known), applied: missing.map(({ id }) => id) };
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
