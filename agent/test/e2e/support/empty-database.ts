import { randomBytes } from "node:crypto";
import type pg from "pg";
import { inject } from "vitest";
import { queryOnce } from "../../../../server/test/support/query-once.js";

export interface EmptyDatabase {
  /** Connection string of the server's own role. */
  readonly url: string;
  query(sql: string): Promise<pg.QueryResult>;
  /** Drops it, whoever is still connected. */
  close(): Promise<void>;
}

/** A database on the test run's PostgreSQL in which nothing has been migrated. */
export async function createEmptyDatabase(): Promise<EmptyDatabase> {
  const name = `empty_${randomBytes(6).toString("hex")}`;
  const url = inject("templateUrl").replace(/[^/]+$/, name);
  await queryOnce(inject("superuserUrl"), `CREATE DATABASE ${name} OWNER relay`);
  return {
    url,
    query: (sql) => queryOnce(url, sql),
    async close() {
      await queryOnce(inject("superuserUrl"), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
