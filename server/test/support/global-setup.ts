import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/postgres/embedded-postgres.js";
import { migrate } from "../../src/store/migrate.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the superuser of the test run's PostgreSQL. */
    superuserUrl: string;
    /** Connection string of the server's role, on a migrated database that is only copied from. */
    templateUrl: string;
  }
}

/** Starts one PostgreSQL for the whole test run, with a migrated database that each test gets a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "relay-test-"));
  await chmod(dataDir, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir,
    logger: pino({ level: "silent" }),
    // Speed instead of durability: what is tested for durability starts a PostgreSQL of its own.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: 200 },
  });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  await migrate(pool);
  await pool.end();
  project.provide("superuserUrl", postgres.superuserUrl);
  project.provide("templateUrl", postgres.url);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
