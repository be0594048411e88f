import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runDueCrons } from "../src/crons/run-due-crons.js";
import type { Handover } from "../src/store/webhook-writer.js";
import { bootAdmin, type Credentials } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
let bucketId: string;
let cronId: string;
let count = 0;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api?.close());
beforeEach(async () => {
  count += 1;
  bucketId = (await api.call(admin, "POST", "/v1/buckets", { name: `b${count}`, default_input: false })).json.id;
  const cron = { name: "c", schedule: "@every 1h", start_within: 3600 };
  cronId = (await api.call(admin, "POST", `/v1/buckets/${bucketId}/crons`, cron)).json.id;
  await api.pool.query("UPDATE crons SET next_run_ms = next_run_ms - 3600000 WHERE id = $1", [cronId]);
  await api.keyring.load(bucketId);
});

/** Delivers nowhere; `plan` is called between taking the cron and writing its webhook. */
function handover(told: string[], plan: () => void = () => undefined): Handover {
  return {
    holder: 1,
    plan: () => {
      plan();
      return [];
    },
    committed: () => void told.push("committed"),
    duplicate: () => undefined,
    failed: () => void told.push("failed"),
    batchDone: () => undefined,
  };
}

function run(options: { pool?: pg.Pool; handover?: Handover } = {}) {
  const { pool, catalog, keyring } = api;
  const functions = { run: () => Promise.reject(new Error("the cron has no function")) };
  const all = { pool, catalog, keyring, functions, handover: handover([]), now: Date.now, ...options };
  return runDueCrons(all, [cronId]);
}

/** A pool whose next transaction meets what `at` does with its statements. */
function poolWith(at: (client: pg.PoolClient, text: string, go: () => Promise<unknown>) => Promise<unknown>): pg.Pool {
  const connect = async () => {
    const client = await api.pool.connect();
    return new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "query") return value.bind(target);
        return (statement: string | pg.QueryConfig, ...rest: unknown[]) => {
          const text = typeof statement === "string" ? statement : statement.text;
          return at(target, text, async () => value.call(target, statement, ...rest));
        };
      },
    });
  };
  return { connect } as unknown as pg.Pool;
}

async function webhooks(): Promise<number> {
  const { rows } = await api.pool.query("SELECT count(*)::int AS n FROM webhooks WHERE bucket_id = $1", [bucketId]);
  return rows[0].n;
}

async function endSession(client: pg.PoolClient): Promise<void> {
  const { processID } = client as unknown as { processID: number };
  await api.pool.query("SELECT pg_terminate_backend($1)", [processID]);
}

test.each(["INSERT INTO deliveries", "UPDATE crons c SET next_run_ms", "COMMIT"])(
  "a session that ends before %s has made no run, and the next one makes it once",
  async (statement) => {
    const told: string[] = [];
    const pool = poolWith(async (client, text, go) => {
      if (text.includes(statement)) await endSession(client);
      return go();
    });
    await expect(run({ pool, handover: handover(told) })).rejects.toThrow();
    expect(told).toEqual(["failed"]);
    expect(await webhooks()).toBe(0);
    expect(await run()).toHaveLength(1);
    expect(await run()).toHaveLength(0);
    expect(await webhooks()).toBe(1);
  },
);

test("a commit whose answer is lost is not made again", async () => {
  const pool = poolWith(async (client, text, go) => {
    const result = await go();
    if (text !== "COMMIT") return result;
    await endSession(client);
    throw new Error("connection lost");
  });
  await expect(run({ pool })).rejects.toThrow("connection lost");
  expect(await run()).toHaveLength(0);
  expect(await webhooks()).toBe(1);
});

test("while one server makes a run, another one finds nothing to do and does not wait", async () => {
  let other: Promise<readonly unknown[]> | undefined;
  const pool = poolWith(async (_client, text, go) => {
    if (text.includes("INSERT INTO deliveries")) {
      other = run();
      expect(await other).toEqual([]);
    }
    return go();
  });
  expect(await run({ pool })).toHaveLength(1);
  expect(other).toBeDefined();
  expect(await webhooks()).toBe(1);
});

test("a cron that is switched off or deleted before it was taken does not run", async () => {
  await api.call(admin, "PUT", `/v1/buckets/${bucketId}/crons/c`, { enabled: false });
  expect(await run()).toEqual([]);
  await api.call(admin, "PUT", `/v1/buckets/${bucketId}/crons/c`, { enabled: true });
  const shown = (await api.call(admin, "GET", `/v1/buckets/${bucketId}/crons/c`)).json;
  expect(Date.parse(shown.next_run)).toBeGreaterThan(Date.now());
  await api.call(admin, "DELETE", `/v1/buckets/${bucketId}/crons/c`);
  expect(await run()).toEqual([]);
  expect(await webhooks()).toBe(0);
});

test("a change that says nothing of when it runs leaves the next run as it is", async () => {
  const path = `/v1/buckets/${bucketId}/crons/c`;
  const before = (await api.call(admin, "GET", path)).json.next_run;
  expect((await api.call(admin, "PUT", path, { payload: "x" })).json.next_run).toBe(before);
  expect(Date.parse((await api.call(admin, "PUT", path, { schedule: "@every 2h" })).json.next_run)).toBeGreaterThan(
    Date.now(),
  );
});
