import type pg from "pg";
import { databaseError } from "./postgres/database-error.js";
import { requirePostgresVersion } from "./postgres/require-postgres-version.js";
import { type Migrated, migrate } from "./store/migrate.js";
import { readMigrations } from "./store/migration-files.js";
import { ensurePartitions } from "./store/partitions.js";
import { schemaState, tooNewMessage } from "./store/schema-state.js";

export interface OpenDatabaseOptions {
  readonly pool: pg.Pool;
  /** Of `pool`: for the message when it fails. */
  readonly url: string;
  /** What that address comes from, as people set it. */
  readonly setting: string;
  /** Bring the schema up to date; false: it must be already. */
  readonly migrates: boolean;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/**
 * Connects for the first time and brings the schema up to date, or sees that it is. Gives what was migrated. Rejects with
 * an error for people.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Migrated> {
  const { pool, url, setting, migrates, nowMs } = options;
  const step = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw databaseError(cause, { setting, url, doing });
    }
  };
  await step("connect", async () => void (await pool.query("SELECT")));
  await step("use it", () => requirePostgresVersion(pool));
  const migrated = migrates
    ? await step("create or update the tables", () => migrate(pool))
    : await step("use it", () => requireSchema(pool));
  await step("create the partitions of the coming days", () => ensurePartitions(pool, nowMs));
  return migrated;
}

async function requireSchema(pool: pg.Pool): Promise<Migrated> {
  const state = await schemaState(pool, await readMigrations());
  if (state.kind === "too-new") throw new Error(tooNewMessage(state));
  if (state.kind === "current") return { schema: state.schema, applied: [] };
  throw new Error(
    `Its schema is ${state.schema}, this server needs ${state.known}, and MIGRATE_ON_START is false. Run the same program with the ` +
      "word migrate first, or set MIGRATE_ON_START=true",
  );
}
