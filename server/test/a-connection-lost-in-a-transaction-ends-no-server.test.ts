import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "../src/store/in-transaction.js";
import { createPool } from "../src/store/pool.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(() => database.close());

test("a connection that breaks between two statements rejects the transaction, and the next one works", async () => {
  let lost = 0;
  const pool = createPool({
    url: database.url,
    max: 1,
    role: "",
    name: "test",
    logger: pino({ level: "silent" }),
    onLost: () => {
      lost += 1;
    },
  });
  const broken = inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const ended = new Promise((resolve) => client.once("end", resolve));
    await database.pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    await ended;
    await client.query("SELECT 1");
  });
  await expect(broken).rejects.toThrow();
  expect(lost).toBeGreaterThan(0);
  expect(await inTransaction(pool, async (client) => (await client.query("SELECT 1")).rowCount)).toBe(1);
  await pool.end();
});
