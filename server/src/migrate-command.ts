import type { Logger } from "pino";
import type { Config } from "./config/load-config.js";
import { openDatabase } from "./open-database.js";
import { databaseAddress } from "./postgres/database-address.js";
import { startEmbeddedPostgres } from "./postgres/embedded-postgres.js";
import { createPool } from "./store/pool.js";

/**
 * The word `migrate`: brings the schema of the server's database up to date and gives a line for people that says what was
 * done. Any number of them may run at once, beside running servers too. Rejects with an error for people.
 */
export async function migrateCommand(config: Config, logger: Logger): Promise<string> {
  const named = await databaseAddress(config);
  const embedded =
    named.url === ""
      ? await startEmbeddedPostgres({ dataDir: config.dataDir, logger, onLost: () => process.exit(1) })
      : undefined;
  try {
    const url = embedded?.url ?? named.url;
    const setting = embedded === undefined ? named.setting : "The private PostgreSQL";
    const pool = createPool({ url, max: 1, name: "migrate", logger });
    try {
      const { schema, applied } = await openDatabase({ pool, url, setting, migrates: true, nowMs: Date.now() });
      const done = applied.length === 0 ? "nothing to do" : `applied ${applied.join(", ")}`;
      return `relay: the database has schema ${schema}; ${done}`;
    } finally {
      await pool.end();
    }
  } finally {
    await embedded?.stop();
  }
}
