import { afterAll, beforeAll, expect, test } from "vitest";
import { Reason, WebhookRequest } from "../src/wire/index.js";
import { type LinkClient, openSession, type TransportKind } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let one: TestServer;
let two: TestServer;
let token: { key: string; secret: string };

beforeAll(async () => {
  one = await runServer({ env: { LEASE_TIME: "3s" } });
  two = await runServer({ env: { LEASE_TIME: "3s" }, database: { url: one.database.url }, dataDir: one.dataDir });
  token = await one.token();
});
afterAll(async () => {
  await two.close();
  await one.close();
});

/** What was configured on one server is known to the other a moment later: a session there that serves the output. */
async function openOn(
  server: TestServer,
  kind: TransportKind,
  fields: { agent: string; bucket: Route; window?: number },
) {
  const { agent, bucket, window = 64 } = fields;
  const session = await openSession(server, kind, token, { agent, buckets: [bucket.bucketId], window });
  await waitFor("the output", () => session.outputs.some((output) => output.id === bucket.outputId));
  return session;
}

const bodies = (agent: LinkClient) =>
  agent.deliveries.map((each) => Buffer.from(WebhookRequest.decode(each.request).body).toString());

async function post(server: TestServer, route: Route, body: string): Promise<void> {
  const response = await fetch(server.at.http + route.path, { method: "POST", body });
  expect(response.status).toBe(200);
}

const outcomes = async (route: Route) =>
  (
    await one.database.pool.query("SELECT count(*)::int AS n FROM outcomes WHERE output_id = $1 AND status = 1", [
      route.outputId,
    ])
  ).rows[0].n;

test("a webhook posted to one reaches the agent on the other, by a hint and not by a poll", async () => {
  const route = await one.route();
  const agent = await openOn(two, "grpc", { agent: "remote", bucket: route });
  agent.acknowledgeAll = true;
  const times: number[] = [];
  for (let i = 0; i < 9; i += 1) {
    const started = performance.now();
    await post(one, route, `${i}`);
    await agent.received(i + 1);
    times.push(performance.now() - started);
  }
  expect(bodies(agent)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  // A poll comes once a second.
  expect(times.sort((a, b) => a - b)[4]).toBeLessThan(500);
  await waitFor("the outcomes", async () => (await outcomes(route)) === 9);
  agent.destroy();
});

test("a session on one fences the session of the same agent on the other", async () => {
  const route = await one.route();
  const first = await openOn(one, "websocket", { agent: "wanderer", bucket: route });
  const second = await openOn(two, "grpc", { agent: "wanderer", bucket: route });
  expect((await first.first("refused")).reason).toBe(Reason.REASON_FENCED);
  await post(one, route, "for the second");
  await second.received(1);
  second.destroy();
});

test("a ticket of one is good on the other", async () => {
  const first = await openSession(one, "grpc", token, { agent: "ticketed" });
  const { ticket } = await first.first("welcome");
  first.destroy();
  const second = await openSession(two, "grpc", { key: token.key, secret: "" }, { agent: "ticketed", ticket });
  second.destroy();
});

test("a server that slept through its lease: its deliveries go to the other, and what it takes afterwards is delivered too", async () => {
  const route = await one.route();
  const sleeping = await openOn(two, "grpc", { agent: "on-two", bucket: route, window: 2 });
  await post(two, route, "0");
  await post(two, route, "1");
  await sleeping.received(2);
  two.signal("SIGSTOP");
  const awake = await openOn(one, "grpc", { agent: "on-one", bucket: route });
  awake.acknowledgeAll = true;
  awake.answerPings = true;
  await awake.received(2, 20_000);
  expect(bodies(awake).sort()).toEqual(["0", "1"]);
  two.signal("SIGCONT");
  await post(two, route, "2");
  await waitFor("all three", () => new Set([...bodies(awake), ...bodies(sleeping)]).size === 3);
  sleeping.acknowledgeAll = true;
  for (const delivery of sleeping.deliveries) sleeping.ack(delivery);
  await waitFor(
    "nothing left",
    async () => {
      const { rows } = await one.database.pool.query("SELECT count(*)::int AS n FROM deliveries WHERE output_id = $1", [
        route.outputId,
      ]);
      return rows[0].n === 0;
    },
    { timeoutMs: 15_000 },
  );
  expect(await outcomes(route)).toBe(3);
  awake.destroy();
  sleeping.destroy();
});
