import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { tcpToSocket } from "./support/tcp-to-socket.js";
import { waitFor } from "./support/wait-for.js";

const LONG = { timeoutMs: 60_000 };

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

interface Page {
  readonly logs: readonly { id: string; body: string; status: string; output_id: string }[];
  readonly has_more: boolean;
  readonly next_cursor: string;
}

/** A bucket that delivers to nobody, known to both servers. */
async function emptyBucket(): Promise<Pick<Route, "bucketId" | "path">> {
  const { bucketId, outputId, path } = await one.route();
  await one.must("DELETE", `/v1/buckets/${bucketId}/outputs/${outputId}`);
  await knownToBoth(path, bucketId);
  return { bucketId, path };
}

/** An input made on one server is known to the other a moment later; until then a stranger's. */
async function knownToBoth(path: string, bucketId: string): Promise<void> {
  const inputId = path.split("/").at(-1) ?? "";
  // Whoever authenticates has looked at the catalog.
  await two.must("GET", `/v1/buckets/${bucketId}/inputs/${inputId}`);
}

async function post(server: TestServer, path: string, body: string): Promise<void> {
  expect((await fetch(server.at.http + path, { method: "POST", body })).status).toBe(200);
}

/** Posts numbers, a few at a time, to both servers in turn. */
async function postMany(path: string, count: number): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, number) => String(number));
  const left = [...numbers];
  const worker = async (server: TestServer) => {
    for (let body = left.shift(); body !== undefined; body = left.shift()) await post(server, path, body);
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => worker(i % 2 === 0 ? one : two)));
  return numbers;
}

const pull = (server: TestServer, query: Record<string, string>): Promise<Page> =>
  server.must("GET", `/v1/events?${new URLSearchParams(query)}`);

const bodies = ({ logs }: Page) => logs.map(({ body }) => body);

test("concurrent pollers of two servers hand out 2,000 webhooks once each", { timeout: 120_000 }, async () => {
  const { bucketId, path } = await emptyBucket();
  const posted = await postMany(path, 2_000);
  const got: string[] = [];
  const disordered: Page[] = [];
  const poll = async (server: TestServer, limit: number) => {
    while (got.length < posted.length) {
      const page = await pull(server, { bucket: bucketId, limit: String(limit) });
      got.push(...bodies(page));
      const ids = page.logs.map(({ id }) => id);
      if (ids.some((id, i) => i > 0 && id <= (ids[i - 1] ?? ""))) disordered.push(page);
    }
  };
  await Promise.all([one, two].flatMap((server) => [13, 20, 50, 100].map((limit) => poll(server, limit))));
  expect(got.toSorted((a, b) => Number(a) - Number(b))).toEqual(posted);
  expect(disordered).toEqual([]);
  expect(await pull(one, { bucket: bucketId })).toEqual({ logs: [], has_more: false, next_cursor: "" });
});

test("with limit=1 they come one by one, oldest first, by the bucket's name too", async () => {
  const { bucketId, path } = await emptyBucket();
  for (const body of ["a", "b", "c", "d"]) await post(body === "b" ? two : one, path, body);
  const { name } = await one.must("GET", `/v1/buckets/${bucketId}`);
  const seen: [string[], boolean][] = [];
  for (let i = 0; i < 5; i += 1) {
    const page = await pull(i % 2 === 0 ? one : two, { bucket: name, limit: "1" });
    seen.push([bodies(page), page.has_more]);
  }
  expect(seen).toEqual([
    [["a"], true],
    [["b"], true],
    [["c"], true],
    [["d"], false],
    [[], false],
  ]);
});

test("an internal output hands out only while no agent is connected to any server", async () => {
  const route = await one.route();
  const of = { bucket: route.bucketId };
  for (const body of ["1", "2", "3"]) await post(one, route.path, body);
  expect(bodies(await pull(two, { ...of, output: route.outputId, limit: "2" }))).toEqual(["1", "2"]);

  const agent = await openSession(one, "grpc", await one.token(), { agent: "pull", buckets: [route.bucketId] });
  await agent.received(1);
  // It has the third in hand and says nothing; the fourth waits behind it, or is with it too.
  await post(two, route.path, "4");
  expect((await pull(two, of)).logs).toEqual([]);
  expect((await pull(one, { ...of, output: "out" })).logs).toEqual([]);
  agent.destroy();

  const left: string[] = [];
  await waitFor("what the agent leaves", async () => left.push(...bodies(await pull(two, of))) === 2);
  expect(left).toEqual(["3", "4"]);
  // A webhook without an output, and one of the output, come in the order of their receipt.
  await one.must("PUT", `/v1/buckets/${route.bucketId}/outputs/${route.outputId}`, { disabled: true });
  await post(one, route.path, "5");
  await one.must("PUT", `/v1/buckets/${route.bucketId}/outputs/${route.outputId}`, { disabled: false });
  await post(one, route.path, "6");
  const page = await pull(one, of);
  expect(page.logs.map(({ body, output_id, status }) => [body, output_id, status])).toEqual([
    ["5", "", "sent"],
    ["6", route.outputId, "sent"],
  ]);
});

test("who waits is woken by a webhook that comes to another server, and one webhook wakes one", async () => {
  const { bucketId, path } = await emptyBucket();
  const answered: Page[] = [];
  const waiting = [one, one, two].map((server) =>
    pull(server, { bucket: bucketId, wait: "30" }).then((page) => answered.push(page)),
  );
  for (const [i, body] of ["x", "y", "z"].entries()) {
    await post(i === 1 ? two : one, path, body);
    await waitFor("an answer", () => answered.length === i + 1, LONG);
  }
  await Promise.all(waiting);
  expect(answered.map(bodies)).toEqual([["x"], ["y"], ["z"]]);
});

test("who waits for an output is woken, and nothing is an answer when the time is over", async () => {
  const route = await one.route();
  const waiting = pull(two, { bucket: route.bucketId, output: route.outputId, wait: "30" });
  await post(one, route.path, "woken");
  expect(bodies(await waiting)).toEqual(["woken"]);
  expect((await pull(two, { bucket: route.bucketId, wait: "1" })).logs).toEqual([]);
});

test("who hangs up while waiting takes nothing along", async () => {
  const { bucketId, path } = await emptyBucket();
  const auth = `${one.adminKey}:${one.adminSecret}`;
  const hanging = request(`${one.at.http}/v1/events?bucket=${bucketId}&wait=30`, { auth, agent: false });
  const closed = new Promise((resolve) => hanging.on("close", resolve));
  hanging.on("error", () => undefined);
  hanging.end();
  await new Promise((resolve) => hanging.on("finish", resolve));
  await one.must("GET", "/v1/version");
  hanging.destroy();
  await closed;
  await one.must("GET", "/v1/version");
  await post(one, path, "still there");
  expect(bodies(await pull(two, { bucket: bucketId, wait: "30" }))).toEqual(["still there"]);
});

test("the outcome of what was handed out can be reported later", async () => {
  const { bucketId, path } = await emptyBucket();
  await post(one, path, "to be reported");
  const [log] = (await pull(one, { bucket: bucketId })).logs;
  const report = { status: "failed", status_code: 500, response_body: Buffer.from("no").toString("base64") };
  expect((await two.api("PUT", `/v1/logs/${log?.id}`, report)).status).toBe(200);
  expect(await one.must("GET", `/v1/logs/${log?.id}`)).toMatchObject({ status: "failed", status_code: 500 });
});

test("answers 503 while the database is away, and hands out afterwards", { timeout: 60_000 }, async () => {
  const { bucketId, path } = await emptyBucket();
  await post(one, path, "kept");
  const database = new URL(one.database.url);
  const proxy = await tcpToSocket(decodeURIComponent(database.hostname));
  database.host = `127.0.0.1:${proxy.port}`;
  const third = await runServer({ database: { url: database.href }, dataDir: one.dataDir });
  try {
    await third.must("GET", "/v1/version");
    proxy.close();
    await waitFor("503", async () => (await third.api("GET", `/v1/events?bucket=${bucketId}`)).status === 503, LONG);
    expect(bodies(await pull(one, { bucket: bucketId }))).toEqual(["kept"]);
  } finally {
    await third.close();
    proxy.close();
  }
});

test("kill -9 in the middle of pulling loses only answers that were on their way, and hands out nothing twice", {
  timeout: 120_000,
}, async () => {
  const { bucketId, path } = await emptyBucket();
  const posted = await postMany(path, 600);
  const got: string[] = [];
  let dead = false;
  const pollers = Array.from({ length: 3 }, async () => {
    while (!dead) {
      const page = await pull(two, { bucket: bucketId, limit: "5" }).catch(() => undefined);
      if (page === undefined) return;
      got.push(...bodies(page));
    }
  });
  await waitFor("some to be handed out", () => got.length > 100, LONG);
  await two.kill("SIGKILL");
  dead = true;
  await Promise.all(pollers);
  // What the killed server had locked is free when PostgreSQL notices: nobody else has what it did not commit.
  const rest = new Set(posted.filter((body) => !got.includes(body)));
  const onTheirWay = async () =>
    (
      await one.database.pool.query<{ id: string }>("SELECT id FROM outcomes WHERE bucket_id = $1 AND status = 1", [
        bucketId,
      ])
    ).rows.map(({ id }) => id);
  const lost = await waitFor("the rest", async () => {
    for (const body of bodies(await pull(one, { bucket: bucketId }))) {
      got.push(body);
      rest.delete(body);
    }
    return (await onTheirWay()).length === posted.length && [...rest];
  });
  expect(new Set(got).size).toBe(got.length);
  expect(got.length + lost.length).toBe(posted.length);
  expect(lost.length).toBeLessThanOrEqual(3 * 5);
  await two.start();
});
