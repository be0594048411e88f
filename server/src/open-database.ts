import type pg from "pg";
import { databaseError } from "./postgres/database-error.js";
import { requirePostgresVersion } from "./postgres/require-postgres-version.js";
import { migrate } from "./store/migrate.js";
import { ensurePartitions } from "./store/partitions.js";

export interface OpenDatabaseOptions {
  readonly pool: pg.Pool;
  /** Of `pool`: for the message when it fails. */
  readonly url: string;
  /** What that address comes from, as people set it. */
  readonly setting: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Connects for the first time and brings the schema up to date. Rejects with an error for people. */
export async function openDatabase({ pool, url, setting, nowMs }: OpenDatabaseOptions): Promise<void> {
  const step = async (doing: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (cause) {
      throw databaseError(cause, { setting, url, doing });
    }
  };
  await step("connect", async () => void (await pool.query("SELECT")));
  await step("use it", () => requirePostgresVersion(pool));
  await step("create or update the tables", () => migrate(pool));
  await step("create the partitions of the coming days", () => ensurePartitions(pool, nowMs));
}
