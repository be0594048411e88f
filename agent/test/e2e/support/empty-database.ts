import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

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
  await query(inject("superuserUrl"), `CREATE DATABASE ${name} OWNER relay`);
  return {
    url,
    query: (sql) => query(url, sql),
    async close() {
      await query(inject("superuserUrl"), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
