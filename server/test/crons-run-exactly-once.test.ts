import { afterAll, beforeAll, expect, test } from "vitest";
import { loggedRuns } from "./support/cron-runs.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const SLOW = { timeoutMs: 60_000, everyMs: 100 };

let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  const env = { LEASE_TIME: "3s" };
  one = await runServer({ env });
  two = await runServer({ database: { url: one.database.url }, dataDir: one.dataDir, env });
});
afterAll(async () => {
  await two?.close();
  await one?.close();
});

/** A bucket without outputs: what is sent into it is in its log alone. */
async function bucketOf(name: string): Promise<string> {
  await two.must("POST", "/v1/buckets", { name, default_input: false });
  return name;
}

test("two servers, one killed and then the other: each due run is made once, none is left out", async () => {
  const bucket = await bucketOf("ticks");
  const path = `/v1/buckets/${bucket}/crons`;
  const crons: string[] = [];
  for (const name of ["a", "b", "c"]) {
    crons.push((await two.must("POST", path, { name, schedule: "@every 1s", start_within: 300 })).id);
  }
  const count = async (server: TestServer) => (await loggedRuns(server, bucket)).length;
  const more = (server: TestServer, than: number) =>
    waitFor("more runs", async () => ((await count(server)) > than + 6 ? true : undefined), SLOW);
  await more(two, 0);
  await one.kill("SIGKILL");
  await more(two, await count(two));
  await one.start();
  await two.kill("SIGKILL");
  await more(one, await count(one));
  await two.start();
  await more(one, await count(one));
  for (const id of crons) {
    const stopped = await one.must("PUT", `${path}/${id}`, { enabled: false });
    expect(stopped).toMatchObject({ enabled: false, next_run: null });
  }
  // A run that was being made then is committed before the change, so nothing more can come.
  const runs = await loggedRuns(one, bucket);
  for (const id of crons) {
    const seconds = runs.filter(({ cron }) => cron === id).map(({ at }) => Date.parse(at) / 1000);
    seconds.sort((a, b) => a - b);
    const [first = 0] = seconds;
    expect(seconds).toEqual(seconds.map((_, at) => first + at));
    expect(seconds.length).toBeGreaterThan(5);
  }
}, 120_000);

test("what was missed while no server ran is left out, or made up for by one run, as the cron says", async () => {
  const bucket = await bucketOf("missed");
  const path = `/v1/buckets/${bucket}/crons`;
  const make = async (name: string, fields: object) =>
    (await one.must("POST", path, { name, schedule: "@every 1h", ...fields })).id as string;
  const skipped = await make("skip", {});
  const caughtUp = await make("once", { missed: "once" });
  const late = await make("late", { start_within: 3600 });
  const single = await make("single", { missed: "once", recurring: false });
  await one.kill();
  await two.kill();
  // As if none had run since the time before last.
  const { rows } = await one.database.pool.query<{ id: string; due: string }>(
    `UPDATE crons SET next_run_ms = next_run_ms - CASE name WHEN 'late' THEN 1 ELSE 3 END * 3600000
     WHERE id = ANY($1::uuid[]) RETURNING id, next_run_ms AS due`,
    [[skipped, caughtUp, late, single]],
  );
  const due = new Map(rows.map(({ id, due }) => [id, new Date(Number(due)).toISOString()]));
  await Promise.all([one.start(), two.start()]);
  // All were looked at when all are to come, or over.
  await waitFor(
    "crons that are not due",
    async () => {
      const crons: { next_run: string | null }[] = await one.must("GET", path);
      return crons.every(({ next_run }) => next_run === null || Date.parse(next_run) > Date.now()) ? true : undefined;
    },
    SLOW,
  );
  const runs = await loggedRuns(two, bucket);
  const of = (id: string) => runs.filter(({ cron }) => cron === id).map(({ at, missed }) => ({ at, missed }));
  expect(of(skipped)).toEqual([]);
  expect(of(caughtUp)).toEqual([{ at: due.get(caughtUp), missed: true }]);
  expect(of(late)).toEqual([{ at: due.get(late), missed: false }]);
  expect(of(single)).toEqual([{ at: due.get(single), missed: true }]);
  expect(await one.must("GET", `${path}/single`)).toMatchObject({ next_run: null, last_run: expect.any(String) });
  expect(await one.must("GET", `${path}/skip`)).toMatchObject({ last_run: null });
  expect([...one.logged("cron.missed"), ...two.logged("cron.missed")].map(({ cron }) => cron)).toEqual([skipped]);
}, 120_000);

test("a run is a webhook of its bucket like any other", async () => {
  const bucket = await bucketOf("shape");
  const path = `/v1/buckets/${bucket}/crons`;
  const json = { name: "json", schedule: "@every 1s", payload: '{"a":1}', path: "/x/y?z=%20", method: "PUT" };
  const text = {
    name: "text",
    schedule: "@every 1s",
    payload: "gr\u00fc\u00df dich",
    headers: { "X-Two": ["1", "2"], "content-type": ["text/x-greeting"] },
  };
  for (const cron of [json, text]) await one.must("POST", path, cron);
  const crons: { id: string; name: string }[] = await two.must("GET", path);
  const idOf = (name: string) => crons.find((each) => each.name === name)?.id ?? "";
  const runs = await waitFor(
    "a run of both",
    async () => {
      const all = await loggedRuns(two, bucket);
      return new Set(all.map(({ cron }) => cron)).size === 2 ? all : undefined;
    },
    SLOW,
  );
  const [first, second] = ["json", "text"].map((name) => runs.find(({ cron }) => cron === idOf(name)));
  expect(first).toMatchObject({ method: "PUT", path: "/x/y", query: "z=%20", body: '{"a":1}', missed: false });
  expect(first?.headers).toMatchObject({ "Content-Type": ["application/json"], "X-Relay-Cron": [idOf("json")] });
  expect(second).toMatchObject({ method: "POST", path: "", body: "gr\u00fc\u00df dich" });
  expect(second?.headers).toMatchObject({ "X-Two": ["1", "2"], "content-type": ["text/x-greeting"] });
  expect(second?.headers).not.toHaveProperty("Content-Type");
  // Its bucket takes it along.
  await one.must("DELETE", `/v1/buckets/${bucket}?force=true`);
  expect((await two.must("GET", "/v1/crons")).filter(({ id }: { id: string }) => id === idOf("json"))).toEqual([]);
}, 120_000);
