import { randomUUID } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { KmsStandIn } from "./support/kms-stand-in.js";
import { openSession } from "./support/link-client.js";
import { startMuteProxy } from "./support/mute-proxy.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

// Outages are waited out here, several times eight seconds.
vi.setConfig({ testTimeout: 90_000 });

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(env: Record<string, string> = {}) {
  const kms = await KmsStandIn.start();
  closing.push(() => kms.goAway());
  const key = kms.addKey();
  const server = await runServer({ env: { KMS_KEY: key, KMS_ENDPOINT: kms.endpoint, ...env } });
  closing.push(() => server.close());
  return { kms, key, server };
}

const post = (server: TestServer, path: string, body = "hello") =>
  fetch(server.at.http + path, { method: "POST", body });

async function readyz(server: TestServer) {
  const response = await fetch(`${server.at.status}/readyz`);
  return { status: response.status, text: await response.text() };
}

const inMemory = (server: TestServer, route: Route) =>
  waitFor("the bucket's key", async () => (await post(server, route.path)).status === 200);

test("within the grace webhooks are taken and delivered, new buckets are not made, and it shows", async () => {
  const { kms, server } = await start();
  const route = await server.route();
  await inMemory(server, route);
  kms.goAway();
  // The check is due in a minute; a call that fails brings it forward.
  expect((await server.api("POST", "/v1/buckets", { name: "during" })).status).toBe(503);
  await waitFor("the outage", async () => (await server.metric("relay_kms_up")) === 0, { timeoutMs: 30_000 });
  const token = await server.token();
  const agent = await openSession(server, "grpc", token, { agent: "a", buckets: [route.bucketId] });
  agent.acknowledgeAll = true;
  expect((await post(server, route.path, "during the outage")).status).toBe(200);
  await agent.received(2);
  expect(agent.deliveries.some(({ request }) => Buffer.from(request).includes("during the outage"))).toBe(true);

  const refused = await server.api("POST", "/v1/buckets", { name: "later" });
  expect(refused).toMatchObject({ status: 503, json: expect.stringContaining("key-encryption key") });
  expect(refused.headers.get("retry-after")).toBe("5");
  expect(await readyz(server)).toMatchObject({
    status: 200,
    text: expect.stringMatching(/^ok: Cloud KMS cannot be reached; .* used until 20/),
  });
  expect(await server.metric("relay_kms_grace_seconds")).toBeGreaterThan(3_000);
  await waitFor("its report", () => server.logged("kms.away").length > 0);
  expect(server.logged("kms.away")).toHaveLength(1);

  await kms.comeBack();
  await waitFor("the recovery", async () => (await server.metric("relay_kms_up")) === 1, { timeoutMs: 30_000 });
  expect(await readyz(server)).toEqual({ status: 200, text: "ok\n" });
  expect((await server.api("POST", "/v1/buckets", { name: "later" })).status).toBe(201);
  agent.destroy();
});

test("beyond the grace nothing is taken, whether known or not, until Cloud KMS is back; nothing is lost", async () => {
  const { kms, server } = await start({ KMS_GRACE: "3s" });
  const route = await server.route();
  const ephemeral = await server.route({ bucket: { ephemeral: true } });
  await inMemory(server, route);
  kms.goAway();
  await waitFor("the lock", async () => (await server.metric("relay_kms_locked")) === 1, { timeoutMs: 30_000 });
  const answers = await Promise.all(
    [route.path, ephemeral.path, `/v1/webhooks/${randomUUID()}`, "/v1/webhooks/no-id"].map(async (path) => {
      const response = await post(server, path);
      const head = [...response.headers].filter(([name]) => name !== "date");
      return { status: response.status, head, body: await response.text() };
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 503, head: expect.arrayContaining([["retry-after", "1"]]) });
  expect(await readyz(server)).toEqual({
    status: 503,
    text: "Cloud KMS cannot be reached: no data key may be used any more\n",
  });
  expect((await fetch(`${server.at.status}/healthz`)).status).toBe(200);
  await waitFor("its report", () => server.logged("kms.locked").length > 0);
  expect(server.logged("kms.locked")).toHaveLength(1);
  const { data } = await server.must("GET", `/v1/logs?bucket=${route.bucketId}`);
  expect(data[0].error).toContain("cannot be opened at the moment");

  await kms.comeBack();
  await waitFor("the recovery", async () => (await post(server, route.path, "after")).status === 200, {
    timeoutMs: 30_000,
  });
  const agent = await openSession(server, "websocket", await server.token(), { agent: "a", buckets: [route.bucketId] });
  agent.acknowledgeAll = true;
  // The one before the outage, too: its key was forgotten and is opened again.
  await agent.received(2);
  agent.destroy();
});

test("a server that alone is cut off refuses the buckets that another one made meanwhile, and no others", async () => {
  const { kms, key, server } = await start();
  const route = await server.route();
  const proxy = await startMuteProxy({ port: Number(new URL(kms.endpoint).port) });
  closing.push(() => proxy.close());
  const cutOff = await runServer({
    env: { KMS_KEY: key, KMS_ENDPOINT: `http://127.0.0.1:${proxy.port}` },
    database: { url: server.database.url },
  });
  closing.push(() => cutOff.close());
  await inMemory(cutOff, route);
  proxy.close();
  expect((await cutOff.api("POST", "/v1/buckets", { name: "there" })).status).toBe(503);
  await waitFor("the outage", async () => (await cutOff.metric("relay_kms_up")) === 0, { timeoutMs: 30_000 });

  const later = await server.route();
  const answer = await waitFor("the new bucket there", async () => {
    const response = await post(cutOff, later.path);
    return response.status === 503 && response;
  });
  expect(answer.headers.get("retry-after")).toBe("1");
  expect((await post(cutOff, route.path)).status).toBe(200);
  expect((await post(server, later.path)).status).toBe(200);
});

test("a slow Cloud KMS delays nobody whose key is in memory", async () => {
  const { kms, server } = await start();
  const route = await server.route();
  await inMemory(server, route);
  kms.delayMs = 60_000;
  const started = performance.now();
  expect((await post(server, route.path)).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(2_000);
  // Who needs the service waits for its deadline, not for ever.
  expect((await server.api("POST", "/v1/buckets", { name: "slow" })).status).toBe(503);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a server does not start without Cloud KMS, and says why", async () => {
  const kms = await KmsStandIn.start();
  closing.push(() => kms.goAway());
  const key = kms.addKey();
  kms.goAway();
  const started = runServer({ env: { KMS_KEY: key, KMS_ENDPOINT: kms.endpoint } });
  await expect(started).rejects.toThrow(/relay: KMS_KEY: Cloud KMS cannot be reached for projects\/stand-in/);
});
