import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Bucket } from "../src/catalog/model.js";
import { idText, newId } from "../src/ids.js";
import { dropExpiredKeys } from "../src/store/drop-expired-keys.js";
import type { IncomingWebhook } from "../src/store/incoming-webhook.js";
import { ensurePartitions } from "../src/store/partitions.js";
import type { PlannedDelivery } from "../src/store/planned-delivery.js";
import { type Handover, WebhookWriter } from "../src/store/webhook-writer.js";
import { sampleBucket } from "./support/sample-catalog.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";
import { waitFor } from "./support/wait-for.js";

const HOLDER = 42;

let database: TestDatabase;
beforeAll(async () => {
  database = await withTestDatabase();
  await ensurePartitions(database.pool, Date.now());
});
afterAll(() => database.close());
beforeEach(() => database.pool.query("TRUNCATE webhooks, deliveries, outcomes, webhook_keys"));

/** Counts statements, can hold them back and break them. */
class WatchedPool {
  readonly statements: string[] = [];
  hold: Promise<void> | undefined;
  broken = false;

  async query(config: string | pg.QueryConfig): Promise<pg.QueryResult> {
    this.statements.push(typeof config === "string" ? config : config.text);
    await this.hold;
    if (this.broken) throw new Error("the connection broke");
    return database.pool.query(config as pg.QueryConfig);
  }
}

/** The delivery side, recorded: what it plans is what the test says. */
class Recorder implements Handover {
  readonly holder = HOLDER;
  readonly events: string[] = [];
  readonly plans = new Map<string, PlannedDelivery[]>();

  plan(webhook: IncomingWebhook): readonly PlannedDelivery[] {
    return this.plans.get(webhook.idText) ?? [];
  }
  committed(webhook: IncomingWebhook): void {
    this.events.push(`committed ${webhook.idText}`);
  }
  duplicate(): void {
    this.events.push("duplicate");
  }
  failed(): void {
    this.events.push("failed");
  }
  batchDone(): void {
    this.events.push("done");
  }
}

function bucket(ephemeral = false): Bucket {
  return sampleBucket({ id: randomUUID(), ephemeral });
}

/** The key of each webhook by its id: what the writer asks for. */
const keys = new Map<string, string>();

const INPUT = randomUUID();

function start(parallel = 2) {
  const pool = new WatchedPool();
  const handover = new Recorder();
  const writer = new WebhookWriter({
    pool: pool as unknown as pg.Pool,
    handover,
    parallel,
    keyOf: ({ idText: id }) => {
      const hash = keys.get(id);
      return hash === undefined ? undefined : { hash, windowSeconds: 60 };
    },
    observer: { batch: () => undefined, failed: () => undefined },
  });
  const settled = new Map<string, Error | undefined>();
  /** Those that were told of fewer deliveries than were planned. */
  const undelivered: string[] = [];
  const add = (of: Bucket | undefined, plans: { held: boolean }[] = [], size = 100, key?: string) => {
    const id = idText(newId(Date.now()));
    if (key !== undefined) keys.set(id, key);
    const sealed = of === undefined || of.ephemeral ? undefined : randomBytes(size);
    const planned = plans.map(({ held }) => {
      const deliveryId = newId(Date.now());
      return {
        idBytes: deliveryId,
        idText: idText(deliveryId),
        outputId: randomUUID(),
        agentId: held ? 0 : 7,
        held,
        orderKey: undefined,
        counted: false,
      };
    });
    handover.plans.set(id, planned);
    writer.add({
      idText: id,
      bucket: of,
      inputId: of === undefined ? "made up'); DROP TABLE webhooks; --" : INPUT,
      receivedAtMs: Date.now(),
      request: new Uint8Array(size),
      keyVersion: sealed === undefined ? 0 : 3,
      sealed,
      settled: (error, made) => {
        if (error === undefined && made.length < planned.length) undelivered.push(id);
        if (settled.has(id)) throw new Error("settled twice");
        settled.set(id, error);
        handover.events.push(`settled ${id}`);
      },
    });
    return { id, sealed, planned };
  };
  return { pool, handover, writer, settled, undelivered, add };
}

const rowsOf = async (table: string) => (await database.pool.query(`SELECT * FROM ${table} ORDER BY id`)).rows;

test("a mixed batch is one statement: sealed, ephemeral, unrouted, held, waiting; unknown inputs leave nothing", async () => {
  const { pool, writer, settled, add } = start();
  const known = bucket();
  const ephemeral = bucket(true);
  const routed = add(known, [{ held: true }, { held: false }], 5_000);
  const unknown = add(undefined);
  const vanishing = add(ephemeral, [{ held: true }]);
  const unrouted = add(known, [], 1);
  const alone = add(ephemeral);
  await writer.drain();

  expect(pool.statements).toHaveLength(1);
  expect([...settled.values()]).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(settled.has(unknown.id)).toBe(true);
  const webhooks = await rowsOf("webhooks");
  expect(webhooks.map((row) => row.id)).toEqual([routed.id, vanishing.id, unrouted.id, alone.id]);
  expect(webhooks.map((row) => row.bucket_id)).toEqual([known.id, ephemeral.id, known.id, ephemeral.id]);
  expect(webhooks.map((row) => row.key_version)).toEqual([3, 0, 3, 0]);
  expect(webhooks[0]?.sealed.equals(routed.sealed)).toBe(true);
  expect(webhooks[2]?.sealed.equals(unrouted.sealed)).toBe(true);
  expect([webhooks[1]?.sealed, webhooks[3]?.sealed]).toEqual([null, null]);
  const [held, waiting] = routed.planned;
  expect(await rowsOf("deliveries")).toMatchObject([
    {
      id: held?.idText,
      webhook_id: routed.id,
      output_id: held?.outputId,
      agent_id: 0,
      attempt: 1,
      holder: HOLDER,
      size: 5_000,
    },
    { id: waiting?.idText, webhook_id: routed.id, output_id: waiting?.outputId, agent_id: 7, attempt: 0, holder: null },
    { id: vanishing.planned[0]?.idText, webhook_id: vanishing.id, holder: HOLDER, size: 0 },
  ]);
  expect(await rowsOf("outcomes")).toMatchObject([
    { id: unrouted.id, webhook_id: unrouted.id, bucket_id: known.id, output_id: null, status: 4 },
    { id: alone.id, bucket_id: ephemeral.id, status: 4 },
  ]);
});

test("a batch of nothing but unknown inputs still waits for a commit of its own", async () => {
  const { pool, writer, settled, add } = start();
  const before = (await database.pool.query("SELECT pg_current_wal_insert_lsn() AS lsn")).rows[0].lsn;
  add(undefined);
  add(undefined);
  await writer.drain();
  expect(pool.statements).toHaveLength(1);
  expect(settled.size).toBe(2);
  const { rows } = await database.pool.query("SELECT pg_current_wal_insert_lsn() > $1::pg_lsn AS grew", [before]);
  expect(rows[0].grew).toBe(true);
  expect(await rowsOf("webhooks")).toEqual([]);
});

test("what arrives while batches are written becomes the next one, and is told of only after its commit", async () => {
  const { pool, handover, writer, settled, add } = start(2);
  let letGo = () => {};
  pool.hold = new Promise((resolve) => {
    letGo = resolve;
  });
  const known = bucket();
  add(known);
  await waitFor("the first batch", () => pool.statements.length === 1);
  // A few wait for the batch that is on its way; many are worth another one beside it.
  for (let i = 0; i < 31; i += 1) add(known);
  await new Promise((resolve) => setImmediate(resolve));
  expect(pool.statements).toHaveLength(1);
  add(known);
  await waitFor("the second batch", () => pool.statements.length === 2);
  for (let i = 0; i < 50; i += 1) add(known);
  await new Promise((resolve) => setImmediate(resolve));
  expect(pool.statements).toHaveLength(2);
  expect(settled.size).toBe(0);
  expect(writer.pendingBytes).toBe(8_300);
  letGo();
  await writer.drain();
  expect(pool.statements).toHaveLength(3);
  expect(settled.size).toBe(83);
  expect(writer.pendingBytes).toBe(0);
  for (const id of settled.keys()) {
    expect(handover.events.indexOf(`committed ${id}`)).toBeLessThan(handover.events.indexOf(`settled ${id}`));
  }
  expect(handover.events.filter((event) => event === "done")).toHaveLength(3);
});

test("a batch is at most 512 webhooks and about 8 MiB, but one larger webhook passes alone", async () => {
  const { pool, writer, settled, add } = start(1);
  const known = bucket();
  for (let i = 0; i < 600; i += 1) add(known, [], 1);
  add(known, [], 9 * 1024 * 1024);
  add(known, [], 1);
  await writer.drain();
  expect(pool.statements).toHaveLength(4);
  expect(settled.size).toBe(602);
  expect(await rowsOf("webhooks")).toHaveLength(602);
});

test("a failing statement settles every webhook of its batch with the error, and the next batch goes on", async () => {
  const { pool, handover, writer, settled, add } = start();
  const known = bucket();
  pool.broken = true;
  const lost = [add(known, [{ held: true }]), add(undefined), add(known)];
  await writer.drain();
  expect(lost.map(({ id }) => settled.get(id)?.message)).toEqual(Array(3).fill("the connection broke"));
  expect(handover.events.filter((event) => event.startsWith("committed"))).toEqual([]);
  expect(handover.events.filter((event) => event === "failed")).toHaveLength(3);
  expect(handover.events.at(-1)).toBe("done");
  expect(writer.pendingBytes).toBe(0);
  pool.broken = false;
  const next = add(known);
  await writer.drain();
  expect(settled.get(next.id)).toBeUndefined();
  expect(await rowsOf("webhooks")).toHaveLength(1);
});

test("a batch is written whole or not at all", async () => {
  const { writer, settled, add } = start();
  const known = bucket();
  const good = add(known, [{ held: true }]);
  const bad = add(known, [{ held: true }]);
  // Two deliveries of one id: the whole statement is refused.
  Object.assign(bad.planned[0] ?? {}, { idText: good.planned[0]?.idText });
  await writer.drain();
  expect([settled.get(good.id), settled.get(bad.id)].every((error) => error instanceof Error)).toBe(true);
  expect(await rowsOf("webhooks")).toEqual([]);
  expect(await rowsOf("deliveries")).toEqual([]);
});

describe("webhooks that have a key", () => {
  const HELD = [{ held: true }];
  const keyOf = () => randomBytes(16).toString("hex");

  test("the first of a key is delivered; what repeats it, in its batch or later, is kept as rejected", async () => {
    const { pool, handover, writer, undelivered, add } = start();
    const known = bucket();
    const key = keyOf();
    const first = add(known, HELD, 10, key);
    const inBatch = add(known, [{ held: true }, { held: false }], 10, key);
    const other = add(known, HELD, 10, keyOf());
    const without = add(known, HELD);
    await writer.drain();
    expect(pool.statements).toHaveLength(1);
    const later = add(known, [], 10, key);
    await writer.drain();

    expect(undelivered).toEqual([inBatch.id]);
    expect((await rowsOf("deliveries")).map(({ webhook_id }) => webhook_id)).toEqual([first.id, other.id, without.id]);
    const [one, two] = inBatch.planned;
    const reason = `duplicate of ${first.id}`;
    expect(await rowsOf("outcomes")).toMatchObject([
      { id: one?.idText, webhook_id: inBatch.id, output_id: one?.outputId, agent_id: 0, status: 5, reason },
      { id: two?.idText, webhook_id: inBatch.id, output_id: two?.outputId, agent_id: 7, status: 5, reason },
      { id: later.id, output_id: null, status: 5, reason },
    ]);
    expect(await rowsOf("webhooks")).toHaveLength(5);
    expect(handover.events.filter((event) => event === "duplicate")).toHaveLength(2);
    expect(handover.events).not.toContain(`committed ${inBatch.id}`);
  });

  test("of many servers that get the same at the same moment exactly one delivers it", async () => {
    const servers = Array.from({ length: 8 }, () => start());
    const known = bucket();
    const all = Array.from({ length: 40 }, keyOf);
    // Each in another order: two batches that take the same keys must not wait for each other.
    for (const [at, { add }] of servers.entries()) {
      for (let i = 0; i < all.length; i += 1) add(known, HELD, 10, all[(i * 7 + at * 11) % all.length]);
    }
    await Promise.all(servers.map(({ writer }) => writer.drain()));
    for (const { settled } of servers) expect([...settled.values()].every((error) => error === undefined)).toBe(true);
    expect(await rowsOf("deliveries")).toHaveLength(all.length);
    expect(await rowsOf("outcomes")).toHaveLength(7 * all.length);
  });

  test("a commit that fails leaves no key behind", async () => {
    const { writer, settled, add, handover } = start();
    const known = bucket();
    const key = keyOf();
    const spoilt = add(known, HELD, 10, key);
    // Two rows of one id: the statement fails in the end.
    const [one] = spoilt.planned;
    handover.plans.set(spoilt.id, one === undefined ? [] : [one, one]);
    await writer.drain();
    expect(settled.get(spoilt.id)).toBeInstanceOf(Error);
    const again = add(known, HELD, 10, key);
    await writer.drain();
    expect((await rowsOf("deliveries")).map(({ webhook_id }) => webhook_id)).toEqual([again.id]);
  });

  test("the window is over after its time, and begins anew with the next one", async () => {
    const { writer, add } = start();
    const known = bucket();
    const key = keyOf();
    add(known, HELD, 10, key);
    await writer.drain();
    await database.pool.query("UPDATE webhook_keys SET expires_at = now() - interval '1 second'");
    const next = add(known, HELD, 10, key);
    const repeated = add(known, HELD, 10, key);
    await writer.drain();
    expect(await rowsOf("outcomes")).toMatchObject([{ webhook_id: repeated.id, reason: `duplicate of ${next.id}` }]);
    expect(await dropExpiredKeys(database.pool)).toBe(0);
    await database.pool.query("UPDATE webhook_keys SET expires_at = now()");
    expect(await dropExpiredKeys(database.pool)).toBe(1);
  });
});
