import { afterAll, beforeAll, expect, test } from "vitest";
import { WebhookRequest } from "../src/wire/index.js";
import { connectLink, hello, openSession } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer({ env: { DRAIN_TIMEOUT: "1s" } });
});
afterAll(() => server.close());

const waiting = async () => {
  const { rows } = await server.database.pool.query(
    "SELECT count(*) FILTER (WHERE holder IS NULL)::int AS waiting, count(holder)::int AS held FROM deliveries",
  );
  return rows[0];
};

test("SIGTERM: agents get go-away, finish what they have, and nothing that was answered is lost; a restart takes their tickets", async () => {
  const token = await server.token();
  const route = await server.route();
  const open = (kind: "grpc" | "websocket") =>
    openSession(server, kind, token, { agent: kind, buckets: [route.bucketId], window: 2 });
  const [grpc, ws] = [await open("grpc"), await open("websocket")];
  const { ticket } = await grpc.first("welcome");
  for (let i = 0; i < 10; i += 1) {
    const response = await fetch(server.at.http + route.path, { method: "POST", body: `${i}` });
    expect(response.status).toBe(200);
  }
  await Promise.all([grpc.received(2), ws.received(2)]);

  const stopped = server.kill("SIGTERM");
  for (const agent of [grpc, ws]) {
    expect((await agent.first("goAway")).reconnectAfterMs).toBeGreaterThan(0);
    expect(agent.deliveries).toHaveLength(2);
  }
  // One finishes what it has and is let go; the other does not answer any more and is cut after the time limit.
  for (const delivery of grpc.deliveries) grpc.ack(delivery);
  await grpc.ended();
  expect(await stopped).toBe(0);
  await ws.ended();
  expect(server.logged("server.stopped")).toHaveLength(1);
  expect(await waiting()).toEqual({ waiting: 8, held: 0 });
  expect((await server.database.pool.query("SELECT FROM agents WHERE server_id IS NOT NULL")).rowCount).toBe(0);
  expect((await server.database.pool.query("SELECT FROM servers")).rowCount).toBe(0);

  await server.start();
  const back = connectLink(server, "grpc");
  back.acknowledgeAll = true;
  back.send(hello({ tokenKey: token.key, ticket, agent: "grpc", buckets: [route.bucketId] }));
  expect((await back.first("welcome")).epoch).toBe(2);
  await back.received(8);
  await waitFor("all finished", async () => (await waiting()).waiting + (await waiting()).held === 0);
  back.destroy();
});

test("SIGKILL: what a killed server held is delivered after its restart, with the same ids", async () => {
  const token = await server.token();
  const route = await server.route();
  const agent = await openSession(server, "grpc", token, { agent: "survivor", buckets: [route.bucketId], window: 2 });
  for (let i = 0; i < 5; i += 1) {
    await fetch(server.at.http + route.path, { method: "POST", body: `${i}` });
  }
  const before = (await agent.received(2)).map((each) => Buffer.from(each.id).toString("hex"));
  await server.kill("SIGKILL");
  await agent.ended();
  // Its lease would run out after 10 s; nobody waits for that here.
  await server.database.pool.query("UPDATE servers SET lease_until = now() - interval '1 second'");
  await server.start();
  const back = await openSession(server, "grpc", token, { agent: "survivor", buckets: [route.bucketId] });
  const again = await back.received(5);
  expect(again.slice(0, 2).map((each) => Buffer.from(each.id).toString("hex"))).toEqual(before);
  expect(again.slice(0, 2).map((each) => each.attempt)).toEqual([2, 2]);
  expect(again.map((each) => Buffer.from(WebhookRequest.decode(each.request).body).toString())).toEqual([
    "0",
    "1",
    "2",
    "3",
    "4",
  ]);
  back.destroy();
});
