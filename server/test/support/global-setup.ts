import { chmod, mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/postgres/embedded-postgres.js";
import { migrate } from "../../src/store/migrate.js";
import { loadAuthority } from "../../src/tls/authority.js";
import { certificateHosts } from "../../src/tls/certificate-hosts.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the superuser of the test run's PostgreSQL. */
    superuserUrl: string;
    /** Connection string of the server's role, on a migrated database that is only copied from. */
    templateUrl: string;
    /** Folder of a self-signed certificate, for servers that need none of their own. */
    tlsDir: string;
  }
}

/** Starts one PostgreSQL for the whole test run, with a migrated database that each test gets a copy of, and makes a certificate. */
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
  const certificates = await mkdtemp(join(tmpdir(), "relay-test-tls-"));
  const tlsDir = join(certificates, "tls");
  const local = { hostname: hostname(), publicUrl: "", listenAddress: "127.0.0.1", interfaces: {} };
  await loadAuthority(tlsDir, ["localhost", "127.0.0.1", "::1", ...certificateHosts(local)]);
  project.provide("tlsDir", tlsDir);
  project.provide("superuserUrl", postgres.superuserUrl);
  project.provide("templateUrl", postgres.url);
  return async () => {
    await postgres.stop();
    for (const folder of [dataDir, certificates]) await rm(folder, { recursive: true, force: true });
  };
}
