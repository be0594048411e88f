import type { Logger } from "pino";
import type { Config } from "./config/load-config.js";
import { openDatabase } from "./open-database.js";
import { databaseAddress } from "./postgres/database-address.js";
import { databaseError } from "./postgres/database-error.js";
import { startEmbeddedPostgres } from "./postgres/embedded-postgres.js";
import { createPool } from "./store/pool.js";
import { type Owner, prepareOwner } from "./store/prepare-owner.js";

interface OwnerOptions extends Owner {
  readonly url: string;
  readonly setting: string;
  readonly logger: Logger;
}

/** As the login itself: the role that everything else acts as may not be there yet. */
async function makeOwner({ url, setting, logger, ...owner }: OwnerOptions): Promise<void> {
  const pool = createPool({ url, role: "", max: 1, name: "owner", logger });
  try {
    const client = await pool.connect();
    try {
      await prepareOwner(client, owner);
    } finally {
      client.release();
    }
  } catch (cause) {
    throw databaseError(cause, { setting, url, doing: `make ${owner.role} the owner of the tables (DATABASE_ROLE)` });
  } finally {
    await pool.end();
  }
}

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
    const { databaseRole: role, databaseRoleMembers: members } = config;
    if (role !== "") await makeOwner({ url, setting, logger, role, members });
    const pool = createPool({ url, role, max: 1, name: "migrate", logger });
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
