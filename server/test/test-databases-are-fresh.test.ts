import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(() => database.close());

test("a test database is migrated, empty and its own", async () => {
  const { rows } = await database.pool.query("SELECT count(*)::int AS n FROM buckets");
  expect(rows).toEqual([{ n: 0 }]);
});
