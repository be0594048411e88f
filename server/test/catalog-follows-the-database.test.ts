import { randomBytes, randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Catalog } from "../src/catalog/catalog.js";
import { settingSealer } from "../src/crypto/setting-sealer.js";
import { insertBucket, updateBucket } from "../src/store/buckets.js";
import { changeCatalog } from "../src/store/catalog-version.js";
import { insertInput } from "../src/store/inputs.js";
import { deafHint } from "./support/deaf-hint.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

const FIELDS = {
  managedBy: "",
  description: "",
  auth: { type: "none" },
  stream: true,
  ephemeral: false,
  largeWebhooks: false,
} as const;

let database: TestDatabase;
let catalog: Catalog;
let logged: string[];

beforeEach(async () => {
  database = await withTestDatabase();
  logged = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  catalog = new Catalog({
    pool: database.pool,
    hint: deafHint(),
    settingSealer: settingSealer(randomBytes(32)),
    logger,
  });
});
afterEach(async () => {
  await catalog.stop();
  await database.close();
});

function addBucket(name: string): Promise<string> {
  const id = randomUUID();
  return changeCatalog(database.pool, async (client) => {
    await insertBucket(client, id, { ...FIELDS, name });
    await insertInput(client, {
      id: randomUUID(),
      bucketId: id,
      name: "in",
      description: "",
      statusCode: 0,
      headers: {},
      body: "",
      settings: {},
      sealed: {},
      managedBy: "",
    });
    return id;
  });
}

it("finds inputs and buckets, and notices a change by the poll when the hint is lost", async () => {
  const first = await addBucket("first");
  await catalog.start();
  const bucket = catalog.bucket(first);
  expect(catalog.bucketByName("first")).toBe(bucket);
  expect(catalog.input(bucket?.inputs[0]?.id ?? "")?.bucket).toBe(bucket);
  let told = 0;
  catalog.onChange(() => {
    told += 1;
  });
  const second = await addBucket("second");
  await expect.poll(() => catalog.bucket(second)?.name, { timeout: 5_000 }).toBe("second");
  expect(told).toBe(1);
  expect(catalog.buckets().map(({ name }) => name)).toEqual(["first", "second"]);
});

it("a refresh called after a change sees it, however many run", async () => {
  await catalog.refresh();
  for (let i = 0; i < 10; i += 1) {
    const early = [catalog.refresh(), catalog.refresh()];
    const id = await addBucket(`b${i}`);
    await catalog.refresh();
    expect(catalog.bucket(id)?.name).toBe(`b${i}`);
    await Promise.all(early);
  }
});

it("keeps serving when the database is away, says so once, and recovers", async () => {
  const id = await addBucket("kept");
  await catalog.start();
  await database.pool.query("ALTER TABLE catalog_version RENAME TO elsewhere");
  await expect.poll(() => catalog.failing, { timeout: 5_000 }).toBe(true);
  await expect(catalog.refresh()).rejects.toThrow();
  await expect(catalog.refresh()).rejects.toThrow();
  expect(catalog.bucket(id)?.name).toBe("kept");
  expect(logged.filter((line) => line.includes("catalog.refresh-failed"))).toHaveLength(1);
  await database.pool.query("ALTER TABLE elsewhere RENAME TO catalog_version");
  await expect.poll(() => catalog.failing, { timeout: 5_000 }).toBe(false);
  expect(logged.filter((line) => line.includes("catalog.recovered"))).toHaveLength(1);
});

it("a change that fails half-way leaves nothing, not even a new version", async () => {
  const id = await addBucket("whole");
  await catalog.refresh();
  const before = catalog.version;
  const broken = changeCatalog(database.pool, async (client) => {
    await updateBucket(client, id, { ...FIELDS, name: "half" });
    throw new Error("stop");
  });
  await expect(broken).rejects.toThrow("stop");
  await catalog.refresh();
  expect([catalog.version, catalog.bucket(id)?.name]).toEqual([before, "whole"]);
});

it("cannot be changed by who reads it", async () => {
  const id = await addBucket("frozen");
  await catalog.refresh();
  const bucket = catalog.bucket(id);
  expect(Object.isFrozen(bucket) && Object.isFrozen(bucket?.inputs) && Object.isFrozen(bucket?.inputs[0])).toBe(true);
});

it("loads 1,000 buckets with 5,000 inputs in little time", async () => {
  await changeCatalog(database.pool, async (client) => {
    await client.query(
      "INSERT INTO buckets (id, name) SELECT gen_random_uuid(), 'b' || n FROM generate_series(1, 1000) n",
    );
    await client.query(
      "INSERT INTO inputs (id, bucket_id, name) SELECT gen_random_uuid(), id, 'i' || n FROM buckets, generate_series(1, 5) n",
    );
  });
  const started = performance.now();
  await catalog.refresh();
  const took = performance.now() - started;
  expect(catalog.buckets()).toHaveLength(1000);
  expect(catalog.buckets()[0]?.inputs).toHaveLength(5);
  expect(took).toBeLessThan(2_000);
});
