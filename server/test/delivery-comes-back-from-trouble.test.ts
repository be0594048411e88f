import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { SealBrokenError, type Sealer } from "../src/crypto/sealer.js";
import { BatchedWrites } from "../src/delivery/batched-writes.js";
import { DeliveryEnds } from "../src/delivery/delivery-ends.js";
import { Dispatcher } from "../src/delivery/dispatcher.js";
import type { HeldDelivery } from "../src/delivery/held-delivery.js";
import type { KnownAgents } from "../src/delivery/known-agents.js";
import type { LaneConsumer } from "../src/delivery/lane.js";
import { idBytes, idText, newId } from "../src/ids.js";
import { ServerLease } from "../src/server-lease.js";
import { type Completion, completeDeliveries } from "../src/store/complete-deliveries.js";
import type { IncomingWebhook } from "../src/store/incoming-webhook.js";
import { ensurePartitions } from "../src/store/partitions.js";
import { rescheduleDeliveries } from "../src/store/reschedule-deliveries.js";
import { WebhookWriter } from "../src/store/webhook-writer.js";
import { deafHint } from "./support/deaf-hint.js";
import { sampleBucket, sampleOutput } from "./support/sample-catalog.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";
import { waitFor } from "./support/wait-for.js";

const logger = pino({ level: "silent" });

let database: TestDatabase;
beforeAll(async () => {
  database = await withTestDatabase();
  await ensurePartitions(database.pool, Date.now());
});
afterAll(() => database.close());
beforeEach(() => database.pool.query("TRUNCATE webhooks, deliveries, outcomes, servers"));

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** An agent that keeps what it gets. */
class Keeper implements LaneConsumer {
  readonly inHand: HeldDelivery[] = [];
  window: number;

  constructor(window: number) {
    this.window = window;
  }
  free(): number {
    return this.window - this.inHand.length;
  }
  take(delivery: HeldDelivery): void {
    this.inHand.push(delivery);
  }
}

function start(
  options: { open?: Sealer["open"]; holder?: () => number; ephemeral?: boolean; resumeWindowMs?: number } = {},
) {
  const output = sampleOutput({ id: randomUUID(), bucketId: randomUUID() });
  const bucket = sampleBucket({ id: output.bucketId, outputs: [output], ephemeral: options.ephemeral ?? false });
  const holder = options.holder ?? (() => 1);
  const observer = { completed: () => undefined, failed: () => undefined };
  const completions = new BatchedWrites<Completion>({
    write: (rows) => completeDeliveries(database.pool, holder(), rows),
    observer,
  });
  const ends = new DeliveryEnds({
    completions,
    reschedulings: new BatchedWrites({
      write: (rows) => rescheduleDeliveries(database.pool, holder(), rows),
      observer,
    }),
    outputOf: () => output,
    onOver: () => undefined,
    now: Date.now,
    random: Math.random,
  });
  const agents: Keeper[] = [];
  const dispatcher = new Dispatcher({
    pool: database.pool,
    sealer: {
      seal: () => ({ keyVersion: 1, bytes: Buffer.of() }),
      open: options.open ?? (async (_b, _r, _v, s) => Buffer.from(s)),
    },
    hint: deafHint(),
    ends,
    preparation: { of: async (_, delivery) => ({ kind: "ready", delivery }) },
    wantsAnswer: () => false,
    knownAgents: { of: () => [] } as unknown as KnownAgents,
    logger,
    holder,
    resumeRate: 1_000_000,
    resumeWindowMs: options.resumeWindowMs ?? 600_000,
    idsInHand: () => agents.flatMap((agent) => agent.inHand.map((each) => each.id)),
  });
  dispatcher.start();
  const writer = new WebhookWriter({
    pool: database.pool,
    handover: dispatcher,
    parallel: 2,
    observer: { batch: () => undefined, failed: () => undefined },
  });
  stops.push(async () => {
    await dispatcher.stop();
    await ends.drain();
  });
  const lane = dispatcher.lane(output, 0);
  return {
    dispatcher,
    lane,
    completions,
    agent(window: number): Keeper {
      const agent = new Keeper(window);
      agents.push(agent);
      dispatcher.attach(lane, agent);
      return agent;
    },
    leave(agent: Keeper): void {
      dispatcher.detach(lane, agent);
      agents.splice(agents.indexOf(agent), 1);
      dispatcher.release(lane, agent.inHand.splice(0));
    },
    async post(count = 1): Promise<void> {
      for (let i = 0; i < count; i += 1) {
        const at = Date.now();
        const request = Buffer.from(`webhook ${i}`);
        const webhook: IncomingWebhook = {
          idText: idText(newId(at)),
          bucket,
          inputId: randomUUID(),
          receivedAtMs: at,
          request,
          keyVersion: bucket.ephemeral ? 0 : 1,
          sealed: bucket.ephemeral ? undefined : request,
          settled: () => undefined,
        };
        writer.add(webhook);
      }
      await writer.drain();
    },
    finish(agent: Keeper): void {
      for (const delivery of agent.inHand.splice(0)) {
        dispatcher.ended(lane, delivery, {
          status: 1,
          statusCode: 200,
          attempt: delivery.attempt,
          durationMs: 1,
          errorClass: "",
          retryable: false,
          retryAfterMs: undefined,
          keyVersion: 0,
          response: null,
          answer: undefined,
        });
      }
      dispatcher.credit(lane);
    },
  };
}

async function states(): Promise<{ waiting: number; held: number; outcomes: Record<string, number> }> {
  const { rows } = await database.pool.query(
    `SELECT (SELECT count(*)::int FROM deliveries WHERE holder IS NULL) AS waiting,
       (SELECT count(*)::int FROM deliveries WHERE holder IS NOT NULL) AS held,
       (SELECT coalesce(json_object_agg(status, n), '{}') FROM (SELECT status, count(*)::int AS n FROM outcomes GROUP BY 1) s) AS outcomes`,
  );
  return rows[0];
}

const numbers = (agent: Keeper) => agent.inHand.map((each) => Number(Buffer.from(each.request).toString().slice(8)));

test("a key that cannot be loaded for a moment costs time and no delivery", async () => {
  let failures = 0;
  const { post, agent } = start({
    open: async (_bucket, _row, _version, sealed) => {
      failures += 1;
      if (failures === 3) throw new Error("database away");
      return Buffer.from(sealed);
    },
  });
  await post(5);
  const keeper = agent(10);
  await waitFor("all five", () => keeper.inHand.length === 5);
  expect(numbers(keeper).sort()).toEqual([0, 1, 2, 3, 4]);
  expect(await states()).toEqual({ waiting: 0, held: 5, outcomes: {} });
});

test("a webhook that does not open ends as stalled and does not stop the others", async () => {
  const { post, agent, finish } = start({
    open: async (_bucket, _row, _version, sealed) => {
      if (Buffer.from(sealed).toString() === "webhook 1") throw new SealBrokenError("damaged");
      return Buffer.from(sealed);
    },
  });
  await post(3);
  const keeper = agent(10);
  await waitFor("the others", () => keeper.inHand.length === 2);
  expect(numbers(keeper)).toEqual([0, 2]);
  finish(keeper);
  await waitFor("the outcomes", async () => {
    const { outcomes } = await states();
    return outcomes["1"] === 2 && outcomes["3"] === 1;
  });
});

test("a backlog comes oldest first, then new ones come from memory, and only as many as the agent has room for", async () => {
  const { post, agent, finish, dispatcher } = start();
  await post(8);
  const keeper = agent(5);
  await waitFor("the first five", () => keeper.inHand.length === 5);
  expect(numbers(keeper)).toEqual([0, 1, 2, 3, 4]);
  finish(keeper);
  await waitFor("the rest", () => keeper.inHand.length === 3);
  await waitFor("a lane that is live", async () => {
    finish(keeper);
    await post(1);
    return dispatcher.queued() === 0 && keeper.inHand[0]?.attempt === 1;
  });
});

test("what an agent leaves behind goes to the next one: tried ones with the next attempt, the others with their first", async () => {
  const { post, agent, leave } = start();
  const first = agent(2);
  await post(5);
  await waitFor("two in hand", () => first.inHand.length === 2);
  leave(first);
  await waitFor("all waiting", async () => (await states()).waiting === 5);
  const second = agent(10);
  await waitFor("all five", () => second.inHand.length === 5);
  expect(numbers(second)).toEqual([0, 1, 2, 3, 4]);
  expect(second.inHand.map((each) => each.attempt)).toEqual([2, 2, 1, 1, 1]);
});

test("ephemeral webhooks wait in memory for an agent, in order, and their memory is given back", async () => {
  const { post, agent, finish, leave, dispatcher } = start({ ephemeral: true });
  await post(4);
  expect(dispatcher.ephemeralBytes).toBe(4 * "webhook 0".length);
  const first = agent(2);
  await waitFor("two", () => first.inHand.length === 2);
  leave(first);
  const second = agent(10);
  await waitFor("all four", () => second.inHand.length === 4);
  expect(numbers(second)).toEqual([0, 1, 2, 3]);
  finish(second);
  await waitFor("the outcomes", async () => (await states()).outcomes["1"] === 4);
  expect(dispatcher.ephemeralBytes).toBe(0);
  expect((await database.pool.query("SELECT FROM webhooks WHERE sealed IS NOT NULL")).rowCount).toBe(0);
});

test("a server taken for dead goes on under a new id, and what it wrote under the old one is freed", async () => {
  let lost = 0;
  const lease = new ServerLease({
    pool: database.pool,
    hint: deafHint(),
    logger,
    name: "sleepy",
    leaseMs: 300,
    onLost: () => {
      lost += 1;
    },
  });
  await lease.start();
  stops.push(() => lease.stop());
  const old = lease.id;
  await database.pool.query("DELETE FROM servers WHERE id = $1", [old]);
  await waitFor("the loss", () => lost === 1);
  expect(lease.id).not.toBe(old);
  // A statement that was on its way all the time.
  await database.pool.query(
    "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, holder) VALUES ($1, $1, $1, $1, $2)",
    [randomUUID(), old],
  );
  await waitFor("the row to wait again", async () => (await states()).waiting === 1);
  expect(lost).toBe(1);
});

test("deliveries claimed again after the lease was lost are finished under the new id", async () => {
  let id = 1;
  const { post, agent, finish, leave, dispatcher } = start({ holder: () => id });
  const first = agent(10);
  await post(3);
  await waitFor("three", () => first.inHand.length === 3);
  // Another server has everything now; this one goes on as number 2, once it has let go of what was number 1's.
  await database.pool.query("UPDATE deliveries SET holder = 99");
  dispatcher.abandon();
  leave(first);
  id = 2;
  // Only now: a claim under the former number would be the lease's affair.
  await database.pool.query("UPDATE deliveries SET holder = NULL");
  const second = agent(10);
  await waitFor("three again", () => second.inHand.length === 3);
  finish(second);
  await waitFor("the outcomes", async () => (await states()).outcomes["1"] === 3);
  expect(await states()).toMatchObject({ waiting: 0, held: 0 });
});

test("after a statement whose end nobody saw, rows that carry our name in vain are freed and delivered", async () => {
  const { post, agent, dispatcher, lane } = start();
  const keeper = agent(10);
  await waitFor("a live lane", () => lane.live);
  // Committed, but the connection broke before we heard of it.
  const at = Date.now();
  const id = idText(newId(at));
  await database.pool.query(
    "INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed) VALUES ($1, $2, $1, 1, 'webhook 77')",
    [id, lane.bucketId],
  );
  await database.pool.query(
    "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, holder, attempt) VALUES ($1, $1, $2, $3, 1, 1)",
    [id, lane.bucketId, lane.outputId],
  );
  dispatcher.failed([
    {
      idBytes: idBytes(id),
      idText: id,
      outputId: lane.outputId,
      agentId: 0,
      held: false,
      orderKey: undefined,
      counted: false,
    },
  ]);
  await waitFor("the orphan", () => numbers(keeper).includes(77));
  await post(1);
  await waitFor("a new one", () => keeper.inHand.length === 2);
  expect(await states()).toEqual({ waiting: 0, held: 2, outcomes: {} });
});

test("a completion that a crash of the database took back is made again, with the next attempt number", async () => {
  const { post, agent, finish, dispatcher } = start();
  const keeper = agent(10);
  await post(2);
  await waitFor("both", () => keeper.inHand.length === 2);
  const [first] = keeper.inHand;
  const { rows } = await database.pool.query("SELECT * FROM deliveries WHERE id = $1", [first?.id]);
  finish(keeper);
  await waitFor("two outcomes", async () => (await states()).outcomes["1"] === 2);

  // What is left when PostgreSQL dies before it flushed a commit that it had confirmed.
  await database.pool.query("DELETE FROM outcomes WHERE id = $1", [first?.id]);
  await database.pool.query("INSERT INTO deliveries SELECT * FROM json_populate_record(NULL::deliveries, $1)", [
    rows[0],
  ]);
  dispatcher.reconcile();

  await waitFor("the first again", () => keeper.inHand.length === 1);
  expect(keeper.inHand[0]).toMatchObject({ id: first?.id, attempt: 2 });
  finish(keeper);
  await waitFor("two outcomes again", async () => (await states()).outcomes["1"] === 2);
  expect(await states()).toEqual({ waiting: 0, held: 0, outcomes: { "1": 2 } });
});

test("an ephemeral webhook waits no longer than the resume window, also for an agent that is there but busy", async () => {
  const { post, agent, finish } = start({ ephemeral: true, resumeWindowMs: 200 });
  const keeper = agent(1);
  await post(3);
  await waitFor("two stalled ones", async () => (await states()).outcomes["3"] === 2);
  expect(numbers(keeper)).toEqual([0]);
  finish(keeper);
  await waitFor("the first sent", async () => (await states()).outcomes["1"] === 1);
  expect(keeper.inHand).toEqual([]);
});
