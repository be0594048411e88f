import { afterAll, beforeAll, expect, test } from "vitest";
import { ensurePartitions } from "../src/store/partitions.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";
import { waitFor } from "./support/wait-for.js";

const DAY_MS = 86_400_000;

let database: TestDatabase;
let server: TestServer | undefined;
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(async () => {
  await server?.close();
  await database.close();
});

/** Days of the partitions of a table, as 20260131. */
async function days(table: "webhooks" | "outcomes"): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1",
    [table],
  );
  return rows.map(({ name }) => name.slice(-8));
}

function day(daysAgo: number): string {
  return new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");
}

test("a server that starts drops what LOGS_RETENTION_DAYS has passed, and keeps the rest", async () => {
  // Five days around each moment.
  await ensurePartitions(database.pool, Date.now() - 30 * DAY_MS);
  await ensurePartitions(database.pool, Date.now() - 10 * DAY_MS);
  expect(await days("webhooks")).toContain(day(30));
  server = await runServer({ database: { url: database.url }, env: { LOGS_RETENTION_DAYS: "14" } });
  for (const table of ["webhooks", "outcomes"] as const) {
    const left = await waitFor(`old ${table} to go`, async () => {
      const found = await days(table);
      // They go one by one.
      return !found.some((name) => name < day(15)) && found;
    });
    expect(left).toEqual(expect.arrayContaining([day(11), day(10), day(7), day(0)]));
  }
  const running = server;
  await waitFor("the drop to be told", () => running.logged("retention.dropped").length > 0);
  expect(server.logged("retention.dropped")).toHaveLength(1);
  expect(server.logged("retention.failed")).toEqual([]);
});
