import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { findSystemPostgres, type SystemPostgres, startSystemPostgres } from "./support/system-postgres.js";
import { waitFor } from "./support/wait-for.js";

let postgres: SystemPostgres | undefined;
/** One for all: the key file in it opens what the database holds. */
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-on-system-"));
  const programs = await findSystemPostgres();
  if (programs !== undefined) postgres = await startSystemPostgres(programs);
});
afterAll(async () => {
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** The system's PostgreSQL. Where it must be there, its absence is a failure; elsewhere it is said aloud. */
function installed(): SystemPostgres | undefined {
  if (postgres !== undefined) return postgres;
  const missing = "PostgreSQL 15 or newer is not installed in /usr/lib/postgresql (apt-get install postgresql)";
  if (process.env.CI === "true") throw new Error(`${missing}, and CI must prove that the server runs on it.`);
  console.warn(`NOT TESTED: ${missing}, so this did not prove that the server runs on it.`);
  return undefined;
}

/** Posts a webhook, takes it as an agent, and waits until its delivery is finished. */
async function postAndDeliver(server: TestServer): Promise<void> {
  const route = await server.route();
  const agent = await openSession(server, "grpc", await server.token());
  try {
    agent.acknowledgeAll = true;
    const body = randomBytes(64);
    expect((await fetch(server.at.http + route.path, { method: "POST", body })).status).toBe(200);
    expect(await agent.received(1)).toHaveLength(1);
    const log = await waitFor("the outcome", async () => {
      const { data } = await server.must("GET", `/v1/logs?bucket=${route.bucketId}`);
      return data[0]?.status === "sent" && data[0];
    });
    expect(Buffer.from(log.body, "utf8").toString()).toBe(body.toString("utf8"));
  } finally {
    agent.destroy();
  }
}

test("a webhook is delivered on the system's PostgreSQL, also after a restart of the server", async () => {
  const system = installed();
  if (system === undefined) return;
  const client = new pg.Client({ connectionString: system.url });
  await client.connect();
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS version");
  await client.end();
  console.log(`runs on PostgreSQL ${rows[0].version}`);
  expect(rows[0].version).toBeGreaterThanOrEqual(150_000);
  const server = await runServer({ database: { url: system.url }, dataDir });
  try {
    await postAndDeliver(server);
    expect(await server.kill("SIGTERM")).toBe(0);
    await server.start();
    await postAndDeliver(server);
  } finally {
    await server.close();
  }
});

test("POSTGRES_HOST and its companions name the same database, over TLS with POSTGRES_CA_CRT", async () => {
  const system = installed();
  if (system === undefined) return;
  const parts = {
    POSTGRES_HOST: system.host,
    POSTGRES_USER: system.name,
    POSTGRES_PASSWORD: system.password,
    POSTGRES_DB: system.name,
  };
  const authority = await readFile(system.caFile, "utf8");
  for (const POSTGRES_CA_CRT of [system.caFile, authority]) {
    const server = await runServer({ database: { url: "" }, dataDir, env: { ...parts, POSTGRES_CA_CRT } });
    try {
      await postAndDeliver(server);
      const client = new pg.Client({ connectionString: system.url });
      await client.connect();
      const { rows } = await client.query(
        `SELECT bool_and(ssl) AS encrypted, count(*)::int AS connections
         FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'relay-%'`,
      );
      await client.end();
      expect(rows[0].connections).toBeGreaterThan(2);
      expect(rows[0].encrypted).toBe(true);
    } finally {
      await server.close();
    }
  }
});

test("a certificate of another authority is refused", async () => {
  const system = installed();
  if (system === undefined) return;
  const other = await runServer();
  const { caFile } = other.at;
  try {
    const parts = { POSTGRES_HOST: system.host, POSTGRES_USER: system.name, POSTGRES_PASSWORD: system.password };
    await expect(
      runServer({ database: { url: "" }, dataDir, env: { ...parts, POSTGRES_CA_CRT: caFile } }),
    ).rejects.toThrow(
      /POSTGRES_HOST, POSTGRES_USER, POSTGRES_DB \(postgresql:\/\/relay@127\.0\.0\.1:\d+\/relay\): cannot connect: .*certificate/,
    );
  } finally {
    await other.close();
  }
});
