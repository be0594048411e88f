import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { firstIdAt, idText, newId } from "../src/ids.js";
import { claimDeliveries } from "../src/store/claim-deliveries.js";
import { type Completion, completeDeliveries } from "../src/store/complete-deliveries.js";
import { freeAbandoned } from "../src/store/free-abandoned.js";
import { lanesWithBacklog } from "../src/store/lanes-with-backlog.js";
import { dropOldPartitions, ensurePartitions } from "../src/store/partitions.js";
import { recordAttempts } from "../src/store/record-attempts.js";
import { releaseDeliveries, releaseUnknown } from "../src/store/release-deliveries.js";
import { reapServers, registerServer, renewServer, unregisterServer } from "../src/store/servers.js";
import { stallDeliveries, stalledSince } from "../src/store/stall-deliveries.js";
import { unservedLanes } from "../src/store/unserved-lanes.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
const now = Date.now();

let database: TestDatabase;
let pool: TestDatabase["pool"];
beforeAll(async () => {
  database = await withTestDatabase();
  pool = database.pool;
  await ensurePartitions(pool, now);
});
afterAll(() => database.close());
beforeEach(() =>
  pool.query("TRUNCATE webhooks, deliveries, outcomes, servers, agents, outputs, tokens, buckets CASCADE"),
);

const outputId = randomUUID();
const bucketId = randomUUID();

/** newId() never goes back in time. */
function idAt(time: number): string {
  return firstIdAt(time).replace(/0{12}$/, randomBytes(6).toString("hex"));
}

async function waiting(
  count: number,
  options: { size?: number; at?: number; agentId?: number; holder?: number; outputId?: string; webhook?: boolean } = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const webhookId = options.at === undefined ? idText(newId(now)) : idAt(options.at + i);
    const id = options.at === undefined ? idText(newId(now)) : idAt(options.at + i);
    if (options.webhook !== false) {
      await pool.query(
        "INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed) VALUES ($1, $2, $2, 1, $3)",
        [webhookId, bucketId, Buffer.from(id)],
      );
    }
    await pool.query(
      "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, holder, size) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      [
        id,
        webhookId,
        bucketId,
        options.outputId ?? outputId,
        options.agentId ?? 0,
        options.holder ?? null,
        options.size ?? 10,
      ],
    );
    ids.push(id);
  }
  return ids;
}

function claim(holder: number, options: { limit?: number; maxBytes?: number; agentId?: number } = {}) {
  return claimDeliveries(pool, {
    outputId,
    agentId: 0,
    holder,
    limit: 100,
    maxBytes: 8 * MIB,
    inOrder: false,
    ...options,
  });
}

function finished(id: string, fields: Partial<Completion> = {}): Completion {
  return {
    id,
    status: 1,
    statusCode: 200,
    attempt: 1,
    durationMs: 5,
    errorClass: "",
    keyVersion: 0,
    response: null,
    ...fields,
  };
}

const holders = async () =>
  Object.fromEntries(
    (await pool.query("SELECT id, holder FROM deliveries ORDER BY id")).rows.map((row) => [row.id, row.holder]),
  );

test("claims come oldest first, with their webhook, and count the attempt", async () => {
  const ids = await waiting(10);
  const first = await claim(1, { limit: 4 });
  expect(first.map((each) => each.id)).toEqual(ids.slice(0, 4));
  expect(first.map((each) => each.sealed?.toString())).toEqual(ids.slice(0, 4));
  expect(first.every((each) => each.attempt === 1 && each.keyVersion === 1)).toBe(true);
  expect((await claim(2)).map((each) => each.id)).toEqual(ids.slice(4));
  expect(await claim(3)).toEqual([]);

  await releaseDeliveries(pool, { holder: 1, ids: ids.slice(0, 4), tried: true });
  expect((await claim(2, { limit: 1 }))[0]).toMatchObject({ id: ids[0], attempt: 2 });
});

test("a delivery that was never handed out is given back without counting as a try", async () => {
  const ids = await waiting(1);
  await claim(1);
  await releaseDeliveries(pool, { holder: 1, ids: ids, tried: false });
  expect((await claim(1))[0]?.attempt).toBe(1);
});

test("two servers that claim at once get different deliveries and wait for nobody", async () => {
  const ids = await waiting(200);
  const claims = await Promise.all(Array.from({ length: 8 }, (_, holder) => claim(holder + 1, { limit: 25 })));
  const got = claims.flat().map((each) => each.id);
  expect(new Set(got).size).toBe(got.length);
  const rest = await claim(9, { limit: 200 });
  expect([...got, ...rest.map((each) => each.id)].sort()).toEqual([...ids].sort());

  // A claim that has not committed yet holds its rows, not the others.
  await releaseDeliveries(pool, { holder: 9, ids: rest.map((each) => each.id), tried: true });
  const more = await waiting(2);
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT FROM deliveries WHERE id = $1 FOR UPDATE", [more[0]]);
    expect((await claim(10)).map((each) => each.id)).toContain(more[1]);
    await client.query("ROLLBACK");
  } finally {
    client.release();
  }
});

test("a claim stops at its byte limit, but always takes one", async () => {
  const ids = await waiting(5, { size: 3 * MIB });
  expect((await claim(1, { maxBytes: 1 })).map((each) => each.id)).toEqual(ids.slice(0, 1));
  expect((await claim(1, { maxBytes: 5 * MIB })).map((each) => each.id)).toEqual(ids.slice(1, 3));
});

test("a delivery whose webhook is gone is claimed with nothing in it", async () => {
  const [id] = await waiting(1, { webhook: false });
  expect(await claim(1)).toMatchObject([{ id, keyVersion: null, sealed: null }]);
});

test("the attempt number stops growing where its column ends", async () => {
  const ids = await waiting(1);
  await pool.query("UPDATE deliveries SET attempt = 32766");
  for (const attempt of [32_767, 32_767]) {
    expect((await claim(1))[0]?.attempt).toBe(attempt);
    await releaseDeliveries(pool, { holder: 1, ids: ids, tried: true });
  }
});

test("an announced attempt is recorded for the holder only, never lowered, and the next hand-out goes on behind it", async () => {
  const [mine = "", others = "", gone = ""] = [
    ...(await waiting(1)),
    ...(await waiting(1, { holder: 2 })),
    randomUUID(),
  ];
  await claim(1);
  const announce = (...attempts: number[]) =>
    recordAttempts(
      pool,
      1,
      attempts.flatMap((attempt) => [mine, others, gone].map((id) => ({ id, attempt }))),
    );
  expect(await announce(3, 5, 4)).toEqual(new Set([mine]));
  expect(await announce(2)).toEqual(new Set([mine]));
  await releaseDeliveries(pool, { holder: 1, ids: [mine], tried: true });
  expect(await announce(30)).toEqual(new Set());
  expect(await claim(3)).toMatchObject([{ id: mine, attempt: 6 }]);
  expect(await announce(30)).toEqual(new Set());
  const { rows } = await pool.query("SELECT attempt FROM deliveries ORDER BY id");
  expect(rows).toEqual([{ attempt: 6 }, { attempt: 0 }]);
});

test("an agent's own lane is apart from the shared one", async () => {
  const [shared] = await waiting(1);
  const [own] = await waiting(1, { agentId: 7 });
  expect((await claim(1)).map((each) => each.id)).toEqual([shared]);
  expect((await claim(1, { agentId: 8 })).map((each) => each.id)).toEqual([]);
  expect(
    await lanesWithBacklog(pool, [
      { outputId, agentId: 0 },
      { outputId, agentId: 7 },
    ]),
  ).toEqual([{ outputId, agentId: 7 }]);
  expect((await claim(1, { agentId: 7 })).map((each) => each.id)).toEqual([own]);
});

test("only the holder can finish or give back a delivery", async () => {
  const ids = await waiting(2);
  await claim(1);
  await releaseDeliveries(pool, { holder: 2, ids: ids, tried: true });
  expect(
    await completeDeliveries(
      pool,
      2,
      ids.map((id) => finished(id)),
    ),
  ).toBe(0);
  expect(await holders()).toEqual({ [ids[0] ?? ""]: 1, [ids[1] ?? ""]: 1 });

  const answer = randomBytes(40);
  const done = await completeDeliveries(pool, 1, [
    finished(ids[0] ?? ""),
    finished(ids[1] ?? "", { status: 2, statusCode: 503, attempt: 4, keyVersion: 2, response: answer }),
  ]);
  expect(done).toBe(2);
  expect(await holders()).toEqual({});
  const { rows } = await pool.query("SELECT * FROM outcomes ORDER BY id");
  expect(rows).toMatchObject([
    { id: ids[0], bucket_id: bucketId, output_id: outputId, status: 1, status_code: 200, response: null },
    { id: ids[1], status: 2, status_code: 503, attempt: 4, key_version: 2, response: answer },
  ]);
});

test("what finishes twice is recorded once", async () => {
  const ids = await waiting(1, { holder: 1 });
  const twice = ids.map((id) => finished(id));
  expect(await completeDeliveries(pool, 1, twice)).toBe(1);
  expect(await completeDeliveries(pool, 1, twice)).toBe(0);
});

test("after a broken connection only rows nobody here knows are freed", async () => {
  const known = await waiting(2, { holder: 1 });
  const unknown = await waiting(2, { holder: 1 });
  const others = await waiting(1, { holder: 2 });
  const before = idText(newId(now));
  const later = await waiting(1, { holder: 1 });
  expect(await releaseUnknown(pool, { holder: 1, known, before })).toBe(2);
  expect(await holders()).toEqual(
    Object.fromEntries([
      ...known.map((id) => [id, 1]),
      ...unknown.map((id) => [id, null]),
      ...others.map((id) => [id, 2]),
      ...later.map((id) => [id, 1]),
    ]),
  );
});

test("what a dead server held waits again; a live one's stays; a restart under the same name frees at once", async () => {
  const dead = await registerServer(pool, "dead", 60_000);
  const live = await registerServer(pool, "live", 60_000);
  const [a] = await waiting(1, { holder: dead });
  const [b] = await waiting(1, { holder: live });
  expect(await reapServers(pool)).toEqual([]);
  await pool.query("UPDATE servers SET lease_until = now() - interval '1 second' WHERE id = $1", [dead]);
  const reaped = await Promise.all([reapServers(pool), reapServers(pool)]);
  expect(reaped.flat()).toEqual([dead]);
  expect(await holders()).toEqual({ [a ?? ""]: null, [b ?? ""]: live });
  expect([await renewServer(pool, dead, 1_000), await renewServer(pool, live, 1_000)]).toEqual([false, true]);

  const again = await registerServer(pool, "live", 60_000);
  expect(again).toBeGreaterThan(live);
  expect(await reapServers(pool)).toEqual([live]);
  expect(await holders()).toEqual({ [a ?? ""]: null, [b ?? ""]: null });
});

test("a server that leaves in order gives everything back", async () => {
  const id = await registerServer(pool, "leaving", 60_000);
  const [delivery] = await waiting(1, { holder: id });
  await unregisterServer(pool, id);
  expect(await holders()).toEqual({ [delivery ?? ""]: null });
});

test("what waited longer than the window is stalled, what is held or younger is not, and the gap tells it", async () => {
  const since = Date.now();
  const old = await waiting(3, { at: now - 3_600_000 });
  await waiting(1, { at: now - 3_600_000, holder: 5 });
  await waiting(1, { at: now - 3_600_000, agentId: 9 });
  await waiting(1);
  const stalled = await stallDeliveries(pool, { outputId, agentId: 0, olderThanMs: now - 600_000 });
  expect(stalled).toEqual({ count: 3, fromMs: now - 3_600_000, toMs: now - 3_600_000 + 2 });
  expect(await stallDeliveries(pool, { outputId, agentId: 0, olderThanMs: now - 600_000 })).toMatchObject({ count: 0 });
  const { rows } = await pool.query("SELECT id, status FROM outcomes ORDER BY id");
  expect(rows).toEqual(old.map((id) => ({ id, status: 3 })));
  expect(Object.keys(await holders())).toHaveLength(3);

  const gap = { bucketId, outputId, agentId: 0 };
  expect(await stalledSince(pool, { ...gap, sinceMs: since - 1_000 })).toEqual(stalled);
  expect(await stalledSince(pool, { ...gap, sinceMs: Date.now() + 10_000 })).toMatchObject({ count: 0 });
});

test("lanes that nobody serves are found, also those left from before an output changed its mode", async () => {
  const at = now - 3_600_000;
  const token = randomUUID();
  await pool.query("INSERT INTO buckets (id, name) VALUES ($1, 'b')", [bucketId]);
  await pool.query("INSERT INTO tokens (id, secret_hash) VALUES ($1, 'x')", [token]);
  const output = async (agents: string) => {
    const id = randomUUID();
    await pool.query(
      "INSERT INTO outputs (id, bucket_id, name, destination, agents, internal) VALUES ($1, $2, $3, 'x', $4, true)",
      [id, bucketId, id, agents],
    );
    return id;
  };
  const [unserved, served, each] = [await output("one"), await output("one"), await output("each")];
  const agent = async (name: string, server: number | null) => {
    const { rows } = await pool.query(
      "INSERT INTO agents (token_id, name, output_ids, server_id) VALUES ($1, $2, $3, $4) RETURNING id",
      [token, name, [served, each], server],
    );
    return rows[0].id as number;
  };
  const [here, away] = [await agent("here", 1), await agent("away", null)];
  await waiting(1, { at, outputId: unserved });
  await waiting(1, { at, outputId: served });
  await waiting(1, { at, outputId: each, agentId: here });
  await waiting(1, { at, outputId: each, agentId: away });
  await waiting(1, { at, outputId: each, agentId: 0 });
  await waiting(1, { at, outputId: served, agentId: here });
  const key = (lane: { outputId: string; agentId: number }) => `${lane.outputId} ${lane.agentId}`;
  const found = new Set((await unservedLanes(pool, firstIdAt(now - 600_000))).map(key));
  expect(found).toEqual(new Set([`${unserved} 0`, `${each} ${away}`, `${each} 0`, `${served} ${here}`]));
});

test("what carries the name of a server that is gone waits again, what others hold stays", async () => {
  const [ours, gone] = await waiting(2);
  const alive = await registerServer(pool, "alive", 60_000);
  const dead = await registerServer(pool, "dead", 60_000);
  await unregisterServer(pool, dead);
  // Frozen for longer than its lease, it wrote once more.
  await pool.query("UPDATE deliveries SET holder = CASE id WHEN $1 THEN $2::int ELSE $3::int END", [ours, alive, dead]);
  expect(await freeAbandoned(pool)).toBe(1);
  expect(await holders()).toEqual({ [ours ?? ""]: alive, [gone ?? ""]: null });
});

test("retention drops exactly the days that are over, with what still pointed into them", async () => {
  const days = [0, 1, 2, 3, 4, 5];
  await ensurePartitions(pool, now - 4 * DAY_MS);
  for (const age of days) await waiting(1, { at: now - age * DAY_MS });
  // A webhook that must go whose delivery is younger: a re-send of yesterday.
  await pool.query("UPDATE deliveries SET webhook_id = $1 WHERE id = (SELECT max(id::text)::uuid FROM deliveries)", [
    firstIdAt(now - 5 * DAY_MS),
  ]);
  const name = (age: number) => new Date(now - age * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");
  const dropped = await dropOldPartitions(pool, now, 3);
  expect(dropped).toEqual(
    ["attempts", "executions", "outcomes", "webhooks"].flatMap((table) => [5, 4].map((age) => `${table}_${name(age)}`)),
  );
  expect(await dropOldPartitions(pool, now, 3)).toEqual([]);
  const { rows } = await pool.query("SELECT id FROM webhooks ORDER BY id");
  expect(rows).toHaveLength(4);
  expect(Object.keys(await holders())).toHaveLength(3);
});
