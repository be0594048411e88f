import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { idText, newId } from "../src/ids.js";
import { claimAtPace } from "../src/store/claim-at-pace.js";
import { claimDeliveries } from "../src/store/claim-deliveries.js";
import { insertResends } from "../src/store/insert-resends.js";
import { ensurePartitions } from "../src/store/partitions.js";
import type { Queryable } from "../src/store/queryable.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

let database: TestDatabase;
let pool: TestDatabase["pool"];
beforeAll(async () => {
  database = await withTestDatabase();
  pool = database.pool;
});
afterAll(() => database.close());
beforeEach(async () => {
  await pool.query("TRUNCATE deliveries");
  made = 0;
});

const outputId = randomUUID();
const HELD_BY_OTHERS = 99;

let made = 0;

/** Deliveries of one key, one after the other; their ids. */
async function waiting(count: number, key: bigint | null): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, size, order_key)
     SELECT ('019ad000-0000-7000-8000-' || lpad(to_hex($3 + n), 12, '0'))::uuid, gen_random_uuid(), $1, $1, 10, $4
     FROM generate_series(1, $2) AS n RETURNING id`,
    [outputId, count, made, key === null ? null : String(key)],
  );
  made += count;
  return rows.map(({ id }) => id).sort();
}

const hold = (id: string | undefined) =>
  pool.query("UPDATE deliveries SET holder = $2 WHERE id = $1", [id, HELD_BY_OTHERS]);
const later = (id: string | undefined) =>
  pool.query("UPDATE deliveries SET due_at = now() + interval '1 hour' WHERE id = $1", [id]);
const end = (ids: readonly string[]) => pool.query("DELETE FROM deliveries WHERE id = ANY($1)", [ids]);

async function claim(limit = 100, { db = pool, holder = 1 }: { db?: Queryable; holder?: number } = {}) {
  const request = { outputId, agentId: 0, holder, limit, maxBytes: 1_000_000, inOrder: true };
  return (await claimDeliveries(db, request)).map(({ id }) => id);
}

test("the first of each key is claimed, oldest first, and the next one only when it has ended", async () => {
  const a = await waiting(2, 1n);
  const b = await waiting(2, 2n);
  const keyless = await waiting(2, null);
  expect(await claim()).toEqual([a[0], b[0], ...keyless]);
  expect(await claim()).toEqual([]);
  await end([b[0] ?? ""]);
  expect(await claim()).toEqual([b[1]]);
  await pool.query("UPDATE deliveries SET holder = NULL, due_at = now() + interval '1 hour' WHERE id = $1", [a[0]]);
  expect(await claim()).toEqual([]);
});

test("many keys behind one that is held up are claimed, up to the limit, and each in its order", async () => {
  const [first] = await waiting(2_000, 7n);
  await later(first);
  const keys = Array.from({ length: 60 }, (_, i) => BigInt(i) * 1_000_003n);
  for (const key of keys) await waiting(3, key);
  const seen = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    const claims: string[] = [];
    for (;;) {
      const got = await claim(25);
      if (got.length === 0) break;
      claims.push(...got);
    }
    expect(new Set(claims).size).toBe(60);
    const { rows } = await pool.query<{ id: string; order_key: string; place: number }>(
      `SELECT id, order_key, (SELECT count(*)::int FROM deliveries e WHERE e.order_key = d.order_key AND e.id < d.id) AS place
       FROM deliveries d WHERE id = ANY($1)`,
      [claims],
    );
    expect(rows.every(({ place }) => place === 0)).toBe(true);
    for (const { order_key } of rows) seen.set(order_key, (seen.get(order_key) ?? 0) + 1);
    await end(claims);
  }
  expect([...seen.values()]).toEqual(keys.map(() => 3));
});

test("servers that claim at once get different deliveries, never two of a key", async () => {
  const [first] = await waiting(1_000, 7n);
  await hold(first);
  for (let key = 10n; key < 60n; key += 1n) await waiting(2, key);
  const holders = Array.from({ length: 8 }, (_, i) => i + 1);
  const got = (await Promise.all(holders.map((holder) => claim(10, { holder })))).flat();
  got.push(...(await claim(100, { holder: 9 })));
  expect(new Set(got).size).toBe(50);
  expect(got).toHaveLength(50);
});

test("what is sent again is outside of the order, and counts for the limit of what is in hand", async () => {
  const id = randomUUID();
  const settings = { order: { by: "output" }, throttle: { max_concurrent: 1 } };
  await pool.query("INSERT INTO buckets (id, name) VALUES ($1, 'b')", [id]);
  await pool.query(
    "INSERT INTO outputs (id, bucket_id, name, destination, settings) VALUES ($1, $2, 'o', 'http://localhost:1/', $3)",
    [outputId, id, settings],
  );
  await ensurePartitions(pool, Date.now());
  const webhookId = idText(newId(Date.now()));
  await pool.query(
    "INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed) VALUES ($1, $2, $2, 1, '\\x00')",
    [webhookId, id],
  );
  // Held up, and more behind it than one look takes in.
  const [first] = await waiting(1_000, 0n);
  await later(first);
  const again = [0, 1].map(() => ({
    id: idText(newId(Date.now())),
    webhookId,
    outputId,
    agentId: 0,
    skipFunction: false,
  }));
  expect(await insertResends(pool, again)).toBe(2);
  const pace = { intervalMs: 0, concurrency: 1 };
  const request = { outputId, agentId: 0, holder: 1, limit: 10, maxBytes: 1_000_000, inOrder: true };
  const one = await claimAtPace(pool, request, pace);
  expect(one.claimed).toHaveLength(1);
  expect(again.map((each) => each.id)).toContain(one.claimed[0]?.id);
  expect(await claimAtPace(pool, request, pace)).toMatchObject({ claimed: [], atConcurrency: true });
  await end(one.claimed.map((each) => each.id));
  expect((await claimAtPace(pool, request, pace)).claimed).toHaveLength(1);
});

/** Runs each statement twice: explained and undone, to count the pages it reads, then as it is. */
function counting(client: pg.PoolClient) {
  const counted = { pages: 0 };
  const query = async ({ text, values }: pg.QueryConfig) => {
    await client.query("BEGIN");
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    await client.query("ROLLBACK");
    const plan = rows[0]["QUERY PLAN"][0].Plan;
    counted.pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    return client.query(text, values);
  };
  return { counted, db: { query } as unknown as Queryable };
}

test("threat: a claim reads no more, however much waits behind one key", async () => {
  const pagesWith = async (behind: number) => {
    await pool.query("TRUNCATE deliveries");
    made = 0;
    const [first] = await waiting(behind, 7n);
    await hold(first);
    const [free] = await waiting(1, 8n);
    await pool.query("VACUUM ANALYZE deliveries");
    const client = await pool.connect();
    try {
      const { counted, db } = counting(client);
      expect(await claim(32, { db })).toEqual([free]);
      return counted.pages;
    } finally {
      client.release();
    }
  };
  const few = await pagesWith(1_000);
  const many = await pagesWith(50_000);
  // The trees of the indexes are a level deeper.
  expect(many).toBeLessThan(few * 1.5);
  expect(many).toBeLessThan(5_000);
});
