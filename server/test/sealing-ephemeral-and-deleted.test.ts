import { rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebhookRequest } from "../src/wire/index.js";
import { openSession } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer({ env: { EPHEMERAL_MEMORY: "1MiB", RESUME_WINDOW: "2s" } });
});
afterAll(() => server.close());

const post = async (path: string, body: string | Uint8Array<ArrayBuffer> = "hi") =>
  (await fetch(server.at.http + path, { method: "POST", body })).status;
const rows = async (text: string, values: unknown[] = []) => (await server.database.pool.query(text, values)).rows;

test("an ephemeral bucket stores status and time only, and still waits for its agent", async () => {
  const route = await server.route({ bucket: { ephemeral: true } });
  expect(await post(`${route.path}/p?q`, "parked")).toBe(200);
  expect(await rows("SELECT key_version, sealed FROM webhooks WHERE bucket_id = $1", [route.bucketId])).toEqual([
    { key_version: 0, sealed: null },
  ]);
  const agent = await openSession(server, "grpc", await server.token(), { buckets: [route.bucketId] });
  const [delivery] = await agent.received(1);
  if (delivery === undefined) throw new Error("a delivery expected");
  const webhook = WebhookRequest.decode(delivery.request);
  expect([webhook.path, webhook.query, Buffer.from(webhook.body).toString()]).toEqual(["/p", "q", "parked"]);
  agent.ack(delivery);
  const outcome = await waitFor(
    "the outcome",
    async () => (await rows("SELECT status, response FROM outcomes WHERE bucket_id = $1", [route.bucketId]))[0],
  );
  expect(outcome).toEqual({ status: 1, response: null });
  agent.destroy();
});

test("ephemeral webhooks that fill their memory are refused with 503, ones that waited too long are let go, other buckets go on", async () => {
  const full = await server.route({ bucket: { ephemeral: true } });
  const other = await server.route();
  const body = new Uint8Array(300_000);
  const statuses = [];
  for (let i = 0; i < 6; i += 1) statuses.push(await post(full.path, body));
  expect(statuses).toEqual([200, 200, 200, 200, 503, 503]);
  expect(await post(other.path, body)).toBe(200);
  await waitFor("room", async () => (await post(full.path)) === 200);
  const stalled = await waitFor("the outcomes", async () => {
    const found = await rows("SELECT status FROM outcomes WHERE bucket_id = $1", [full.bucketId]);
    return found.length >= 4 && found;
  });
  expect(new Set(stalled.map((row) => row.status))).toEqual(new Set([3]));
});

test("deleting a bucket destroys its keys and takes what waits with it; its id is a stranger's", async () => {
  const route = await server.route();
  expect(await post(route.path)).toBe(200);
  const keys = () => rows("SELECT version FROM bucket_keys WHERE bucket_id = $1", [route.bucketId]);
  expect(await keys()).toHaveLength(1);
  await server.must("DELETE", `/v1/buckets/${route.bucketId}?force=true`);
  expect(await keys()).toEqual([]);
  expect(await rows("SELECT FROM deliveries WHERE bucket_id = $1", [route.bucketId])).toEqual([]);
  expect(await post(route.path)).toBe(200);
  expect(await keys()).toEqual([]);
});

test("a delivery whose key was destroyed ends as stalled and stops no other", async () => {
  const [doomed, fine] = [await server.route(), await server.route()];
  expect(await post(doomed.path)).toBe(200);
  // As after a restore of half a backup: the row is there, its key is not.
  await server.database.pool.query("DELETE FROM bucket_keys WHERE bucket_id = $1", [doomed.bucketId]);
  await server.kill("SIGTERM");
  await server.start();
  const agent = await openSession(server, "grpc", await server.token(), { buckets: [doomed.bucketId, fine.bucketId] });
  expect(await post(fine.path, "fine")).toBe(200);
  await agent.received(1);
  const [outcome] = await waitFor("the outcome", async () => {
    const found = await rows("SELECT status FROM outcomes WHERE bucket_id = $1", [doomed.bucketId]);
    return found.length > 0 && found;
  });
  expect(outcome).toEqual({ status: 3 });
  agent.destroy();
});

test("without its key file a server with stored webhooks does not start, and says so without making a new one", async () => {
  const file = join(server.dataDir, "key");
  await server.kill("SIGTERM");
  await rename(file, `${file}.lost`);
  await expect(server.start()).rejects.toThrow(/key file .* is missing/);
  await expect(unlink(file)).rejects.toThrow(/ENOENT/);
  await rename(`${file}.lost`, file);
  await server.start();
});
