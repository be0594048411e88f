import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
let menu: FaultMenu;
beforeAll(async () => {
  [server, menu] = await Promise.all([
    runServer({ env: { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8", INGEST_RATE: "100000", INGEST_BURST: "100000" } }),
    startFaultMenu(),
  ]);
});
afterAll(async () => {
  await server.close();
  await menu.close();
});

const PATIENCE = { timeoutMs: 30_000 };

const route = (output: object) => server.route({ output: { internal: false, ...output } });

async function post({ path }: Route, body = "hello", extra = "", headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(`${server.at.http}${path}${extra}`, { method: "POST", body, headers });
  expect(answer.status).toBe(200);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
type Log = any;

async function logs({ bucketId }: Route): Promise<Log[]> {
  return (await server.must("GET", `/v1/logs?bucket=${bucketId}&limit=500`)).data;
}

const ended = (route: Route, count = 1) =>
  waitFor(
    `${count} ended deliveries`,
    async () => {
      const all = await logs(route);
      return all.length === count && all.every(({ status }) => status !== "received" && status !== "preparing")
        ? all
        : undefined;
    },
    PATIENCE,
  );

const attempts = async ({ id }: Log): Promise<Log[]> => (await server.must("GET", `/v1/logs/${id}/attempts`)).attempts;
const bodies = (place: string) =>
  menu.requests.filter(({ url }) => url.startsWith(`/at/${place}`)).map(({ body }) => body.toString());

describe("a public destination", () => {
  test("gets what was posted, byte for byte, with the delivery's id and the attempt's number", async () => {
    const to = await route({ destination: menu.place("exact") });
    await post(to, '{"a": 1}', "/extra/path?x=%20y&x=2", { "X-Odd": "a, b", "content-type": "application/json" });
    const [log] = await ended(to);
    expect(log).toMatchObject({ status: "sent", status_code: 200, attempt: 1 });
    const [request] = menu.requests.filter(({ url }) => url.startsWith("/at/exact"));
    expect(request).toMatchObject({ method: "POST", url: "/at/exact/extra/path?x=%20y&x=2" });
    expect(request?.body.toString()).toBe('{"a": 1}');
    expect(request?.headers).toMatchObject({
      "x-odd": "a, b",
      "x-relay-delivery-id": log.id,
      "x-relay-attempt": "1",
      host: `127.0.0.1:${menu.port}`,
    });
  });

  test("is tried again by its list of delays, no number twice, every attempt recorded", async () => {
    const to = await route({
      destination: menu.place("later"),
      retry: { schedule: "custom", delays: ["100ms", "200ms", "300ms"] },
    });
    menu.become("later", "status-503");
    await post(to);
    await waitFor("two attempts", () => menu.count("later") >= 2, PATIENCE);
    menu.become("later", "ok");
    const [log] = await ended(to);
    expect(log).toMatchObject({ status: "sent", status_code: 200 });
    const tried = await attempts(log);
    expect(tried.map(({ attempt }) => attempt)).toEqual(tried.map((_, i) => i + 1));
    expect(tried.slice(0, -1).every(({ status_code }) => status_code === 503)).toBe(true);
    expect(tried.at(-1)).toMatchObject({ status_code: 200 });
    const seen = menu.requests.filter(({ url }) => url.startsWith("/at/later"));
    expect(seen.map(({ headers }) => headers["x-relay-attempt"])).toEqual(tried.map(({ attempt }) => String(attempt)));
    expect(new Set(seen.map(({ headers }) => headers["x-relay-delivery-id"]))).toEqual(new Set([log.id]));
  });

  test("that never takes it ends as a dead letter, with all attempts and the last answer", async () => {
    const to = await route({
      destination: menu.url("status-500"),
      retry: { schedule: "custom", delays: ["50ms", "50ms"] },
    });
    await post(to);
    const [log] = await ended(to);
    expect(log).toMatchObject({ status: "failed", status_code: 500, attempt: 3, retries: 2 });
    expect((await attempts(log)).map(({ status_code }) => status_code)).toEqual([500, 500, 500]);
    await server.must("POST", `/v1/logs/${log.id}/action`, { action: "resend" });
    await ended(to, 2);
  });

  test.each([
    ["status-404", 404, ""],
    ["redirect", 302, ""],
    ["status-501", 501, ""],
  ] as const)("that says never (%s) is not tried again", async (behaviour, status_code, error_class) => {
    const to = await route({ destination: menu.url(behaviour), retry: { schedule: "custom", delays: ["10ms"] } });
    await post(to);
    expect((await ended(to))[0]).toMatchObject({ status: "failed", status_code, error_class, attempt: 1 });
  });

  test.each([
    ["reset", "reset"],
    ["hang-before-headers", "headers-timeout"],
    ["not-http", "protocol"],
  ] as const)("that breaks (%s) is tried again and told of in one word", async (behaviour, error_class) => {
    const to = await route({
      destination: menu.url(behaviour),
      timeout: 1,
      retry: { schedule: "custom", delays: ["50ms"] },
    });
    await post(to);
    const [log] = await ended(to);
    expect(log).toMatchObject({ status: "failed", status_code: 0, error_class, attempt: 2 });
    expect(log.error).not.toBe("");
  });

  test("threat: what a failing destination answers fills no disk: 16 KiB of it are kept for each attempt", async () => {
    const to = await route({ destination: menu.place("wordy"), retry: { schedule: "none" } });
    menu.become("wordy", "huge-failure");
    await post(to);
    const [log] = await ended(to);
    expect(log).toMatchObject({ status: "failed", status_code: 500 });
    expect(Buffer.from(log.response_body, "base64")).toHaveLength(16 * 1024);
  });

  test("that nobody runs is told of as refused", async () => {
    const to = await route({ destination: menu.refusedUrl, retry: { schedule: "none" } });
    await post(to);
    expect((await ended(to))[0]).toMatchObject({ status: "failed", error_class: "refused", attempt: 1 });
  });

  test("is left alone for as long as its Retry-After says", async () => {
    const to = await route({
      destination: menu.url("retry-after-seconds"),
      retry: { schedule: "custom", delays: ["10ms"] },
    });
    await post(to);
    const log = await waitFor(
      "a scheduled retry",
      async () => {
        const [first] = await logs(to);
        return first?.next_attempt_at === null ? undefined : first;
      },
      PATIENCE,
    );
    expect(log.next_attempt_at - log.created_at).toBeGreaterThanOrEqual(6);
  });

  test("is served within its rate, oldest first", async () => {
    const to = await route({ destination: menu.place("paced"), throttle: { rate: 20, interval: "second" } });
    await Promise.all(Array.from({ length: 30 }, (_, i) => post(to, `w${i}`)));
    await ended(to, 30);
    const rows = await server.database.pool.query<{ seconds: number }>(
      `SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float8 AS seconds FROM outcomes WHERE bucket_id = $1`,
      [to.bucketId],
    );
    // 30 calls, 20 a second, some of them at once after the pause before.
    expect(rows.rows[0]?.seconds).toBeGreaterThan(1);
  });

  test("is called one at a time when it can take no more", async () => {
    const to = await route({ destination: menu.place("single"), throttle: { max_concurrent: 1 } });
    await Promise.all(Array.from({ length: 20 }, (_, i) => post(to, `w${i}`)));
    await ended(to, 20);
    const connections = menu.requests.filter(({ url }) => url.startsWith("/at/single")).map((each) => each.connection);
    expect(new Set(connections).size).toBe(1);
  });

  test("gets webhooks in the order they came, each waiting for the one before, also while that fails", async () => {
    const to = await route({
      destination: menu.place("ordered"),
      order: { by: "output" },
      retry: { schedule: "custom", delays: ["300ms", "300ms", "300ms", "300ms"] },
    });
    menu.become("ordered", "status-503");
    for (let i = 0; i < 5; i += 1) await post(to, `w${i}`);
    await waitFor("an attempt", () => menu.count("ordered") >= 1, PATIENCE);
    menu.become("ordered", "ok");
    for (let i = 5; i < 10; i += 1) await post(to, `w${i}`);
    await ended(to, 10);
    const order = bodies("ordered");
    expect(order.filter((body, i) => body !== order[i - 1])).toEqual(Array.from({ length: 10 }, (_, i) => `w${i}`));
  });

  test("keeps the order of each key, and one key that fails holds up no other", async () => {
    const to = await route({
      destination: menu.place("keyed"),
      lock_path: true,
      order: { by: "payload", name: "customer.id" },
      retry: { schedule: "custom", delays: ["200ms", "200ms", "200ms", "200ms", "200ms", "200ms"] },
    });
    const event = (id: number, n: number) => JSON.stringify({ customer: { id }, n });
    for (let n = 0; n < 6; n += 1) for (const id of [1, 2, 3]) await post(to, event(id, n));
    await ended(to, 18);
    for (const id of [1, 2, 3]) {
      const ofKey = bodies("keyed").filter((body) => JSON.parse(body).customer.id === id);
      expect(ofKey).toEqual(Array.from({ length: 6 }, (_, n) => event(id, n)));
    }
  });
});

describe("a destination that fails all the time", () => {
  test("is left alone, nothing is dropped, and it is served soon after it is back", async () => {
    const to = await route({ destination: menu.place("down"), retry: { schedule: "custom", delays: ["1h", "1h"] } });
    menu.become("down", "status-500");
    for (let i = 0; i < 40; i += 1) await post(to, `w${i}`);
    const open = await waitFor(
      "an open circuit",
      async () => {
        const { circuit } = await server.must("GET", `/v1/buckets/${to.bucketId}/outputs/${to.outputId}`);
        return circuit.state === "open" ? circuit : undefined;
      },
      PATIENCE,
    );
    expect(open.reason).toBe("answers 500");
    expect(await server.metric("relay_circuits_open")).toBeGreaterThanOrEqual(1);
    menu.become("down", "ok");
    await ended(to, 40);
    expect(new Set(bodies("down")).size).toBe(40);
    expect((await logs(to)).every(({ status }) => status === "sent")).toBe(true);
    const { circuit } = await waitFor("a closed circuit", async () => {
      const output = await server.must("GET", `/v1/buckets/${to.bucketId}/outputs/${to.outputId}`);
      return output.circuit.state === "closed" ? output : undefined;
    });
    expect(circuit).toEqual({ state: "closed" });
  });

  test("keeps no other output waiting", async () => {
    const hanging = await route({ destination: menu.url("hang-before-headers"), timeout: 2 });
    const well = await route({ destination: menu.place("well") });
    for (let i = 0; i < 100; i += 1) await post(hanging);
    for (let i = 0; i < 20; i += 1) await post(well, `w${i}`);
    await waitFor("the others", () => menu.count("well") === 20, PATIENCE);
    expect((await logs(hanging)).some(({ status }) => status === "preparing" || status === "received")).toBe(true);
  });
});

test("retries survive a killed server, and go on behind the numbers it has used", async () => {
  const to = await route({
    destination: menu.place("survives"),
    retry: { schedule: "custom", delays: ["500ms", "500ms", "500ms", "500ms", "500ms", "500ms"] },
  });
  menu.become("survives", "status-503");
  for (let i = 0; i < 5; i += 1) await post(to, `w${i}`);
  await waitFor("first attempts", () => menu.count("survives") >= 5, PATIENCE);
  await server.kill("SIGKILL");
  await server.start();
  await waitFor("attempts after the start", () => menu.count("survives") >= 10, { timeoutMs: 60_000 });
  menu.become("survives", "ok");
  const all = await ended(to, 5);
  expect(all.every(({ status }) => status === "sent")).toBe(true);
  const numbers = new Map<string, string[]>();
  for (const { headers } of menu.requests.filter(({ url }) => url.startsWith("/at/survives"))) {
    const id = String(headers["x-relay-delivery-id"]);
    numbers.set(id, [...(numbers.get(id) ?? []), String(headers["x-relay-attempt"])]);
  }
  for (const used of numbers.values()) expect(new Set(used).size).toBe(used.length);
}, 120_000);
