import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readMigrations } from "../src/store/migration-files.js";
import { runServer } from "./support/run-server.js";
import { runWord } from "./support/run-word.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

/** Steps that this program knows, which are numbered without gaps. */
const STEPS = (await readMigrations()).map(({ id }) => id);
const KNOWN = Math.max(...STEPS);
let database: TestDatabase;
/** Of all servers of a test: the first one makes the key that the others need. */
let dataDir: string;

beforeEach(async () => {
  database = await withTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "relay-migrates-"));
});
afterEach(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

const migrate = () => runWord(["migrate"], { DATABASE_URL: database.url });

async function makeEmpty(): Promise<void> {
  await database.pool.query("DROP SCHEMA public CASCADE");
  await database.pool.query("CREATE SCHEMA public");
}

/** Starts a server that must not migrate; gives why it did not start, or "started". */
async function startWithoutMigrating(): Promise<string> {
  return runServer({ database: { url: database.url }, dataDir, env: { MIGRATE_ON_START: "false" } }).then(
    async (server) => {
      await server.close();
      return "started";
    },
    (error: Error) => error.message,
  );
}

async function newerSchema(oldestProgram: number | null): Promise<void> {
  await database.pool.query("ALTER TABLE migrations ADD COLUMN IF NOT EXISTS oldest_program integer");
  await database.pool.query("INSERT INTO migrations (id, oldest_program) VALUES (999999, $1)", [oldestProgram]);
}

test("several jobs that run at once on an empty database all end well, and one of them migrates", async () => {
  await makeEmpty();
  const results = await Promise.all(Array.from({ length: 4 }, migrate));
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array(4).fill([0, ""]));
  const said = results.map(({ stdout }) => stdout).sort();
  const idle = `relay: the database has schema ${KNOWN}; nothing to do\n`;
  expect(said).toEqual([`relay: the database has schema ${KNOWN}; applied ${STEPS.join(", ")}\n`, idle, idle, idle]);
  const { rows } = await database.pool.query("SELECT count(*)::int AS n FROM catalog_version");
  expect(rows[0].n).toBe(1);
}, 60_000);

test("a database that is not there is exit code 1 and a message that names the setting and no password", async () => {
  const { code, stdout, stderr } = await runWord(["migrate"], {
    DATABASE_URL: "postgresql://relay:hush-hush@127.0.0.1:1/relay",
  });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("DATABASE_URL (postgresql://relay@127.0.0.1:1/relay): cannot connect");
  expect(stderr).not.toContain("hush-hush");
});

test("wrong settings are exit code 2, as when the server starts", async () => {
  const { code, stderr } = await runWord(["migrate"], { DATABASE_URL: "mysql://db" });
  expect([code, stderr]).toEqual([2, expect.stringContaining("DATABASE_URL: the value is not valid")]);
});

test("with MIGRATE_ON_START=false the server changes no schema: it says what to run, and starts after that", async () => {
  await makeEmpty();
  expect(await startWithoutMigrating()).toMatch(
    new RegExp(
      `cannot use it: Its schema is 0, this server needs ${KNOWN}, and MIGRATE_ON_START is false\\. Run .* migrate first, or set MIGRATE_ON_START=true\\.`,
    ),
  );
  const { rows } = await database.pool.query(
    "SELECT to_regclass('buckets') AS buckets, to_regclass('migrations') AS m",
  );
  expect(rows[0]).toEqual({ buckets: null, m: null });
  expect((await migrate()).code).toBe(0);
  expect(await startWithoutMigrating()).toBe("started");
}, 60_000);

test("a step that is missing below the newest one counts as behind", async () => {
  await database.pool.query("DELETE FROM migrations WHERE id = 3");
  expect(await startWithoutMigrating()).toContain("MIGRATE_ON_START is false");
});

test("after a roll-back, a program runs on the newer schema whose step declares that it may", async () => {
  await newerSchema(KNOWN);
  expect((await migrate()).stdout).toBe("relay: the database has schema 999999; nothing to do\n");
  expect(await startWithoutMigrating()).toBe("started");
  const server = await runServer({ database: { url: database.url }, dataDir });
  await server.close();
}, 60_000);

test("a newer schema that declares nothing, or a program newer than this, is refused by all of them", async () => {
  for (const oldestProgram of [null, KNOWN + 1]) {
    await newerSchema(oldestProgram);
    const { code, stderr } = await migrate();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`The database has schema 999999, this server knows ${KNOWN}`),
    ]);
    expect(await startWithoutMigrating()).toContain("start the newer server version");
    await database.pool.query("DELETE FROM migrations WHERE id = 999999");
  }
}, 60_000);

test("migrate works on the private database too, and leaves no PostgreSQL behind", async () => {
  const server = await runServer({ database: "embedded" });
  try {
    expect(await server.kill("SIGTERM")).toBe(0);
    const { code, stdout } = await runWord(["migrate"], { RELAY_DATA_DIR: server.dataDir });
    expect([code, stdout]).toEqual([0, expect.stringContaining("nothing to do")]);
    await server.start();
  } finally {
    await server.close();
  }
}, 60_000);
