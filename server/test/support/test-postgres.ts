import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { queryOnce } from "./query-once.js";

export interface TestDatabase {
  /** Connection string of the server's own role. */
  readonly url: string;
  readonly pool: pg.Pool;
  /** Ends the pool and drops the database, whoever is still connected. */
  close(): Promise<void>;
}

/** A fresh, migrated database on the test run's PostgreSQL. */
export async function withTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const template = new URL(inject("templateUrl")).pathname.slice(1);
  await queryOnce(inject("superuserUrl"), `CREATE DATABASE ${name} TEMPLATE ${template} OWNER relay`);
  const url = inject("templateUrl").replace(/[^/]+$/, name);
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // Connections that break when the database is dropped or restarted must not end the test process: idle ones are the pool's,
  // those in use have no listener but this one.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    url,
    pool,
    async close() {
      await pool.end();
      await queryOnce(inject("superuserUrl"), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
