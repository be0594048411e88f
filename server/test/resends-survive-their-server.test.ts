import { afterAll, beforeAll, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const LONG = { timeoutMs: 60_000 };
const WEBHOOKS = 300;
const RATE = 100;

let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  one = await runServer({ env: { LEASE_TIME: "3s" } });
  two = await runServer({ env: { LEASE_TIME: "3s" }, database: { url: one.database.url }, dataDir: one.dataDir });
});
afterAll(async () => {
  await two.close();
  await one.close();
});

/** A bucket in which so many webhooks waited too long for an agent. */
async function stalledBucket(): Promise<Route> {
  const route = await one.route();
  const left = Array.from({ length: WEBHOOKS }, (_, i) => String(i));
  const worker = async () => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      await fetch(one.at.http + route.path, { method: "POST", body });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const { rowCount } = await one.database.pool.query(
    `WITH gone AS (DELETE FROM deliveries WHERE bucket_id = $1 RETURNING *)
     INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status)
     SELECT id, webhook_id, bucket_id, output_id, 3 FROM gone`,
    [route.bucketId],
  );
  expect(rowCount).toBe(WEBHOOKS);
  return route;
}

/** When each delivery was made, by its id (Unix milliseconds), and of which webhook. */
async function made({ bucketId }: Route): Promise<{ at: number; webhookId: string }[]> {
  const { rows } = await one.database.pool.query<{ id: string; webhookId: string }>(
    `SELECT id, webhook_id AS "webhookId" FROM deliveries WHERE bucket_id = $1 ORDER BY id`,
    [bucketId],
  );
  return rows.map(({ id, webhookId }) => ({ at: Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), webhookId }));
}

/** Most that came within a second. */
function most(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
}

/** The server that works on a job, and the other one. */
function holderOf(id: string): Promise<readonly [holder: TestServer, other: TestServer]> {
  const works = (server: TestServer) => server.logged("resend.taken").some(({ resend }) => resend === id);
  return waitFor("a server to take it", () => (works(one) ? [one, two] : works(two) && [two, one]), LONG);
}

const running = (server: TestServer, id: string) => server.must("GET", `/v1/resends/${id}`);

test("killed in the middle, another server goes on: each webhook exactly once, oldest first, at the rate", {
  timeout: 120_000,
}, async () => {
  const route = await stalledBucket();
  const { id } = await one.must("POST", "/v1/resends", { bucket: route.bucketId, rate: RATE });
  await waitFor("a part to be made", async () => (await made(route)).length > WEBHOOKS / 4, LONG);
  const [holder, other] = await holderOf(id);
  await holder.kill("SIGKILL");
  const job = await waitFor(
    "the end",
    async () => {
      const now = await running(other, id);
      return now.state !== "running" && now;
    },
    LONG,
  );
  expect(job).toMatchObject({ state: "done", total: WEBHOOKS, found: WEBHOOKS, made: WEBHOOKS });
  const deliveries = await made(route);
  expect(deliveries.length).toBe(WEBHOOKS);
  const webhooks = deliveries.map(({ webhookId }) => webhookId);
  expect(new Set(webhooks).size).toBe(WEBHOOKS);
  expect(webhooks).toEqual(webhooks.toSorted());
  expect(most(deliveries.map(({ at }) => at))).toBeLessThanOrEqual(RATE * 1.5);
  await holder.start();
});

test("stopped in order, its server gives it back", { timeout: 120_000 }, async () => {
  const route = await stalledBucket();
  const { id } = await one.must("POST", "/v1/resends", { bucket: route.bucketId, rate: RATE });
  await waitFor("a part to be made", async () => (await made(route)).length > 10, LONG);
  const [holder, other] = await holderOf(id);
  await holder.kill("SIGTERM");
  await waitFor("the end", async () => (await running(other, id)).state === "done", LONG);
  expect(new Set((await made(route)).map(({ webhookId }) => webhookId)).size).toBe(WEBHOOKS);
  expect((await made(route)).length).toBe(WEBHOOKS);
  await holder.start();
});

test("a server that froze and thaws does nothing to a job that went on without it", { timeout: 120_000 }, async () => {
  const route = await stalledBucket();
  const { id } = await one.must("POST", "/v1/resends", { bucket: route.bucketId, rate: RATE });
  await waitFor("a part to be made", async () => (await made(route)).length > 10, LONG);
  const [holder, other] = await holderOf(id);
  holder.signal("SIGSTOP");
  const end = waitFor("the end", async () => (await running(other, id)).state === "done", LONG);
  try {
    await waitFor("the other one to go on", async () => (await made(route)).length > WEBHOOKS / 2, LONG);
  } finally {
    holder.signal("SIGCONT");
  }
  await end;
  await holder.must("GET", "/v1/version");
  expect((await made(route)).length).toBe(WEBHOOKS);
  expect(await running(holder, id)).toMatchObject({ state: "done", found: WEBHOOKS, made: WEBHOOKS });
});
