import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../src/postgres/embedded-postgres.js";

/** Logins by IAM, with the roles that the program gives them. */
export interface CloudLogin {
  readonly name: string;
  readonly roles: readonly string[];
}

export interface CloudDatabase {
  /** Its Unix socket. */
  readonly socket: string;
  /** As its superuser, on the program's database. */
  query(sql: string): Promise<pg.QueryResult>;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL with the roles of Cloud SQL: one that may make roles and owns the database, and logins that need no password,
 * as the auth proxy has already identified them.
 */
export async function startCloudDatabase(
  dataDir: string,
  database: string,
  logins: readonly CloudLogin[],
): Promise<CloudDatabase> {
  const postgres = await startEmbeddedPostgres({
    dataDir,
    logger: pino({ level: "silent" }),
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
  });
  const query = async (sql: string, at: string) => {
    const url = new URL(postgres.superuserUrl);
    url.pathname = at;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const asSuperuser = (sql: string) => query(sql, "postgres");
  try {
    // Its own role and database are not those of a cloud.
    await asSuperuser("DROP DATABASE relay");
    await asSuperuser("DROP ROLE relay");
    await asSuperuser("CREATE ROLE cloudsqlsuperuser NOLOGIN CREATEROLE CREATEDB");
    await asSuperuser(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER cloudsqlsuperuser`);
    for (const { name, roles } of logins) {
      await asSuperuser(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN`);
      for (const role of roles) await asSuperuser(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(name)}`);
    }
    const { rows } = await asSuperuser("SHOW hba_file");
    const file = String(rows[0].hba_file);
    const trusted = logins.map(({ name }) => `local "${database}" "${name}" trust\n`).join("");
    // Written in place: the file stays PostgreSQL's.
    await writeFile(file, trusted + (await readFile(file, "utf8")));
    await asSuperuser("SELECT pg_reload_conf()");
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return {
    socket: join(decodeURIComponent(new URL(postgres.superuserUrl).hostname), ".s.PGSQL.5432"),
    query: (sql) => query(sql, database),
    stop: () => postgres.stop(),
  };
}
