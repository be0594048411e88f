import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let one: TestServer;
let two: TestServer;
let menu: FaultMenu;
beforeAll(async () => {
  const env = { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8", INGEST_RATE: "100000", INGEST_BURST: "100000" };
  menu = await startFaultMenu();
  one = await runServer({ env });
  two = await runServer({ env, database: { url: one.database.url }, dataDir: one.dataDir });
});
afterAll(async () => {
  await two.close();
  await one.close();
  await menu.close();
});

const GITHUB = { by: "header", name: "X-GitHub-Delivery" };

/** An input that knows webhooks that come again, known to both servers, with an output at a place of the menu. */
async function routeTo(place: string, deduplication: object, bucket: object = {}): Promise<Route> {
  const output = { internal: false, destination: menu.place(place) };
  const route = await one.route({ input: { deduplication }, output, bucket });
  await waitFor("the other server to know it", async () => {
    const { inputs } = (await two.api("GET", `/v1/buckets/${route.bucketId}`)).json;
    return inputs?.some(({ id }: { id: string }) => id === route.inputId);
  });
  return route;
}

interface Sent {
  readonly server?: TestServer;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

async function post(route: Route, { server = one, body = "hello", headers = {}, path = "" }: Sent = {}): Promise<void> {
  const answer = await fetch(`${server.at.http}${route.path}${path}`, { method: "POST", body, headers });
  expect(answer.status).toBe(200);
}

interface Log {
  readonly id: string;
  readonly status: string;
  readonly error: string;
}

async function logs({ bucketId }: Route): Promise<Log[]> {
  return (await one.must("GET", `/v1/logs?bucket=${bucketId}&limit=500`)).data;
}

const ended = (route: Route, count: number) =>
  waitFor(
    `${count} ended deliveries`,
    async () => {
      const all = await logs(route);
      return all.length === count && all.every(({ status }) => status === "sent" || status === "rejected")
        ? all
        : undefined;
    },
    { timeoutMs: 30_000 },
  );

test("a repetition is answered 200, kept with its reason, delivered to nobody, and can be sent again on purpose", async () => {
  const route = await routeTo("once", GITHUB);
  const headers = { "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958" };
  await post(route, { headers });
  await ended(route, 1);
  await post(route, { headers, server: two, body: "the same event, as GitHub says" });
  const repeated = (await ended(route, 2)).find(({ status }) => status === "rejected");
  expect(repeated?.error).toMatch(/^duplicate of [0-9a-f-]{36}$/);
  expect(menu.count("once")).toBe(1);

  await one.must("POST", `/v1/logs/${repeated?.id}/action`, { action: "resend" });
  await waitFor("what was sent again", () => menu.count("once") === 2, { timeoutMs: 30_000 });
});

test("two servers that get the same webhooks at the same moment deliver each once", async () => {
  const route = await routeTo("race", { by: "payload", name: "event.id" });
  const webhooks = Array.from({ length: 30 }, (_, id) => JSON.stringify({ event: { id } }));
  await Promise.all(webhooks.flatMap((body) => [one, two, one].map((server) => post(route, { server, body }))));
  const all = await ended(route, 90);
  expect(all.filter(({ status }) => status === "sent")).toHaveLength(30);
  const bodies = menu.requests.filter(({ url }) => url.startsWith("/at/race")).map(({ body }) => body.toString());
  expect(bodies.sort()).toEqual([...webhooks].sort());
});

test("without its key a webhook is delivered, however often it comes", async () => {
  const route = await routeTo("keyless", GITHUB);
  for (const headers of [{}, {}, { "x-github-delivery": "" }]) await post(route, { headers });
  const all = await ended(route, 3);
  expect(all.map(({ status }) => status)).toEqual(["sent", "sent", "sent"]);
});

test("by body: the same body at another path is another webhook, and empty ones are never the same", async () => {
  const route = await routeTo("whole", { by: "body" });
  await post(route, { body: "a" });
  await post(route, { body: "a", path: "/elsewhere" });
  await post(route, { body: "a", path: "?q=1" });
  await post(route, { body: "" });
  await post(route, { body: "" });
  await post(route, { body: "a", path: "?q=1" });
  const all = await ended(route, 6);
  expect(all.filter(({ status }) => status === "rejected")).toHaveLength(1);
});

test("what another server has taken is remembered after a crash of all of them", async () => {
  const route = await routeTo("crash", { by: "body", window: 604_800 });
  await post(route, { body: "before" });
  await ended(route, 1);
  await one.kill("SIGKILL");
  await one.start();
  await post(route, { body: "before" });
  expect((await ended(route, 2)).map(({ status }) => status).sort()).toEqual(["rejected", "sent"]);
});

test("of an ephemeral bucket a repetition is not delivered either", async () => {
  const route = await routeTo("ephemeral", { by: "body" }, { ephemeral: true });
  await post(route, { body: "a secret" });
  await post(route, { body: "a secret", server: two });
  expect((await ended(route, 2)).map(({ status }) => status).sort()).toEqual(["rejected", "sent"]);
});

test("a sender that waits for the destination's answer is not kept waiting by a repetition", async () => {
  const input = { deduplication: GITHUB, response_from_output: "anyOutput", response_timeout: 60, status_code: 202 };
  const output = { internal: false, destination: menu.place("waited-for") };
  const route = await one.route({ input, output });
  const headers = { "x-github-delivery": "1" };
  const send = () => fetch(`${one.at.http}${route.path}`, { method: "POST", body: "a", headers });
  expect((await send()).status).toBe(200);
  // The input's own answer: nobody is asked.
  expect((await send()).status).toBe(202);
  expect(menu.count("waited-for")).toBe(1);
});

test("threat: of the key nothing is stored that can be read or guessed without the installation's secret", async () => {
  const route = await routeTo("hidden", { by: "header", name: "x-customer" });
  await post(route, { headers: { "x-customer": "alice@example.com" } });
  await ended(route, 1);
  const { rows } = await one.database.pool.query("SELECT * FROM webhook_keys WHERE input_id = $1", [route.inputId]);
  expect(rows).toHaveLength(1);
  for (const algorithm of ["md5", "sha1", "sha256", "sha512"]) {
    const guess = createHash(algorithm).update("alice@example.com").digest("hex");
    expect(guess).not.toContain(String(rows[0].key).replaceAll("-", ""));
  }
});

test.each([
  [{ by: "header" }, "name"],
  [{ by: "body", name: "x" }, "name"],
  [{ by: "body", window: 0 }, "window"],
  [{ by: "body", window: 604_801 }, "window"],
  [{ by: "cookie", name: "x" }, "by"],
])("%j is refused, and says where", async (deduplication, at) => {
  const route = await one.route();
  const answer = await one.api("PUT", `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`, {
    name: "in",
    deduplication,
  });
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.json)).toContain(`deduplication.${at}`);
});
