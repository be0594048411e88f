import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "../src/store/migrate.js";
import { ensurePartitions } from "../src/store/partitions.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

let database: TestDatabase;
const pools: pg.Pool[] = [];

beforeEach(async () => {
  database = await withTestDatabase();
  // As empty as a new one.
  await database.pool.query("DROP SCHEMA public CASCADE");
  await database.pool.query("CREATE SCHEMA public");
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
  await database.close();
});

function newPool(): pg.Pool {
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // Ended a moment before the database is dropped: the connection may still be there, and breaks.
  pool.on("error", () => {});
  pools.push(pool);
  return pool;
}

async function schema(): Promise<unknown> {
  const { rows } = await database.pool.query(
    `SELECT (SELECT array_agg(id ORDER BY id) FROM migrations) AS migrations,
       (SELECT count(*)::int FROM catalog_version) AS versions,
       (SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS relations`,
  );
  return rows[0];
}

test("five servers that start at once migrate an empty database once", async () => {
  await Promise.all(Array.from({ length: 5 }, () => migrate(newPool())));
  const once = await schema();
  expect(once).toMatchObject({ migrations: expect.arrayContaining([1]), versions: 1 });
  await migrate(newPool());
  expect(await schema()).toEqual(once);
});

test("two processes that start at once migrate an empty database once, and make its partitions", async () => {
  const dist = (path: string) => fileURLToPath(new URL(`../dist/store/${path}`, import.meta.url));
  const program = `
    import pg from "pg";
    import { migrate } from ${JSON.stringify(dist("migrate.js"))};
    import { ensurePartitions } from ${JSON.stringify(dist("partitions.js"))};
    const pool = new pg.Pool({ connectionString: process.env.TEST_URL, max: 2 });
    await migrate(pool);
    await ensurePartitions(pool, Date.now());
    await pool.end();`;
  const run = () =>
    promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: { ...process.env, TEST_URL: database.url },
    });
  await Promise.all([run(), run()]);
  expect(await schema()).toMatchObject({ migrations: expect.arrayContaining([1]), versions: 1 });
  const { rows } = await database.pool.query(
    "SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'webhooks'::regclass",
  );
  expect(rows[0].n).toBe(5);
});

test("a database that is newer than the server is refused, and the lock is let go", async () => {
  await migrate(newPool());
  await database.pool.query("INSERT INTO migrations (id) VALUES (999999)");
  await expect(migrate(newPool())).rejects.toThrow(/start the newer server/);
  await database.pool.query("DELETE FROM migrations WHERE id = 999999");
  await migrate(newPool());
});

test("a migration with a lower number that comes later, as from a branch merged later, is run", async () => {
  await migrate(newPool());
  const whole = await schema();
  await database.pool.query("ALTER TABLE tokens DROP COLUMN account_key, DROP COLUMN secret_hint");
  await database.pool.query("DELETE FROM migrations WHERE id = 2");
  await migrate(newPool());
  expect(await schema()).toEqual(whole);
});

test("a migration that fails leaves nothing behind and can be run again", async () => {
  // Stands where the schema wants its own table.
  await database.pool.query("CREATE TABLE outcomes (x int)");
  await expect(migrate(newPool())).rejects.toThrow(/outcomes/);
  const { rows } = await database.pool.query("SELECT to_regclass('buckets') AS buckets");
  expect(rows[0].buckets).toBeNull();
  await database.pool.query("DROP TABLE outcomes");
  await migrate(newPool());
  expect(await schema()).toMatchObject({ versions: 1 });
});

test("servers that make the same partitions at the same moment do not fail", async () => {
  await migrate(newPool());
  const now = Date.now();
  const racers = Array.from({ length: 5 }, newPool);
  for (let day = 0; day < 4; day += 1) {
    await Promise.all(racers.map((pool) => ensurePartitions(pool, now + day * 5 * 86_400_000)));
  }
  const { rows } = await database.pool.query(
    "SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'outcomes'::regclass",
  );
  expect(rows[0].n).toBe(20);
});
