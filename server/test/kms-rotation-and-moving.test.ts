import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSession } from "./support/link-client.js";
import type { Route, TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";
import { WithKms } from "./support/with-kms.js";

// Many starts of servers in a row.
vi.setConfig({ testTimeout: 90_000 });

let world: WithKms;
beforeEach(async () => {
  world = await WithKms.start();
});
afterEach(() => world.close());

/** Checks every 3 seconds instead of every minute. */
const OFTEN = { KMS_GRACE: "30s" };

async function wrappedBy(server: TestServer): Promise<string[]> {
  const { rows } = await server.database.pool.query(
    "SELECT kek_id AS id FROM bucket_keys UNION SELECT kek_id FROM installation_secrets ORDER BY 1",
  );
  return rows.map(({ id }) => id);
}

const status = async (server: TestServer, route: Route, body = "x") =>
  (await fetch(server.at.http + route.path, { method: "POST", body })).status;

async function bodiesOf(server: TestServer, route: Route, count: number): Promise<string> {
  const agent = await openSession(server, "grpc", await server.token(), { agent: "a", buckets: [route.bucketId] });
  agent.acknowledgeAll = true;
  const deliveries = await agent.received(count, 20_000);
  agent.destroy();
  return deliveries.map(({ request }) => Buffer.from(request).toString("latin1")).join("\n");
}

test("a new primary version is noticed and everything wrapped anew; then the old version may go", async () => {
  const one = await world.server({ env: { ...world.env, ...OFTEN } });
  const two = await world.server({ env: { ...world.env, ...OFTEN }, database: { url: one.database.url } });
  const route = await one.route();
  expect(await status(one, route, "before")).toBe(200);
  const next = world.kms.rotate(world.key);
  await waitFor("the new wrapping", async () => `${await wrappedBy(one)}` === next, { timeoutMs: 30_000 });
  world.kms.setEnabled(`${world.key}/cryptoKeyVersions/1`, false);
  const calls = world.kms.calls.length;
  await waitFor("two more checks of each", () => world.kms.calls.length > calls + 8, { timeoutMs: 30_000 });
  for (const server of [one, two]) {
    expect(await server.metric("relay_kms_up")).toBe(1);
    expect(await server.metric("relay_keys_to_rewrap")).toBe(0);
    expect(server.logged("kms.refused")).toEqual([]);
  }
  expect(await status(two, route, "after")).toBe(200);
  await one.kill();
  await one.start();
  const bodies = await bodiesOf(one, route, 2);
  expect(bodies).toContain("before");
  expect(bodies).toContain("after");
});

test("threat: a version that data keys depend on is taken away, and they go on being used", async () => {
  const server = await world.server({ env: { ...world.env, KMS_GRACE: "4s" } });
  const route = await server.route();
  expect(await status(server, route)).toBe(200);
  world.kms.setEnabled(`${world.key}/cryptoKeyVersions/1`, false);
  await waitFor("the lock", async () => (await server.metric("relay_kms_locked")) === 1, { timeoutMs: 30_000 });
  expect(await status(server, route)).toBe(503);
  const readyz = await fetch(`${server.at.status}/readyz`);
  expect(readyz.status).toBe(503);
  expect(await readyz.text()).toContain("Cloud KMS refuses the key-encryption key");
  await waitFor("its report", () => server.logged("kms.refused").length > 0);
  expect(server.logged("kms.refused")).toEqual([
    expect.objectContaining({ err: expect.objectContaining({ message: expect.stringContaining("disabled") }) }),
  ]);
  world.kms.setEnabled(`${world.key}/cryptoKeyVersions/1`, true);
  await waitFor("the recovery", async () => (await status(server, route)) === 200, { timeoutMs: 30_000 });
});

test("a role that was taken away is named, and its return noticed", async () => {
  const server = await world.server({ env: { ...world.env, KMS_GRACE: "4s" } });
  const route = await server.route();
  world.kms.denied = true;
  await waitFor("the lock", async () => (await server.metric("relay_kms_locked")) === 1, { timeoutMs: 30_000 });
  const report = await waitFor("its report", () => server.logged("kms.locked")[0]);
  const { message } = (report.err ?? { message: "" }) as { message: string };
  expect(message).toContain("roles/cloudkms.cryptoKeyEncrypterDecrypter");
  expect(message).toContain(world.key);
  world.kms.denied = false;
  await waitFor("the recovery", async () => (await status(server, route)) === 200, { timeoutMs: 30_000 });
});

test("from the key file to Cloud KMS and back, with webhooks that wait all the way", async () => {
  const old = await world.server({ env: {} });
  const at = { database: { url: old.database.url }, dataDir: old.dataDir };
  const file = join(old.dataDir, "key");
  const route = await old.route();
  expect(await status(old, route, "under the file")).toBe(200);
  const [fileId] = await wrappedBy(old);
  await old.kill();

  await expect(world.server(at)).rejects.toThrow(
    new RegExp(`the key "${fileId}" of a key file wraps. Set KEY_FILE, too`),
  );

  // First all servers learn to open both, then Cloud KMS wraps.
  const both = { ...world.env, KEY_FILE: file };
  const knows = await world.server({ ...at, env: { ...both, WRAP_WITH: "file" } });
  expect(await status(knows, route, "under both")).toBe(200);
  expect(await wrappedBy(old)).toEqual([fileId]);
  const moving = await world.server({ ...at, env: both });
  const version = `${world.key}/cryptoKeyVersions/1`;
  await waitFor("the new wrapping", async () => `${await wrappedBy(old)}` === version, { timeoutMs: 20_000 });
  await waitFor("its report", () => moving.logged("keys.rewrapped").length > 0);
  expect(moving.logged("keys.rewrapped")).toHaveLength(1);
  expect(await status(knows, route, "by the one before")).toBe(200);
  await knows.kill();
  await moving.kill();

  // The file is not needed any more, and not made again.
  const text = await readFile(file, "utf8");
  await writeFile(file, "# moved\n");
  const moved = await world.server(at);
  expect(await status(moved, route, "under Cloud KMS")).toBe(200);
  await moved.kill();

  await writeFile(file, text);
  await expect(world.server({ ...at, env: {} })).rejects.toThrow(/Cloud KMS wraps with .*Set KMS_KEY/);
  const returning = await world.server({ ...at, env: { ...both, WRAP_WITH: "file" } });
  await waitFor("the wrapping by the file", async () => `${await wrappedBy(old)}` === fileId, { timeoutMs: 20_000 });
  await returning.kill();
  const back = await world.server({ ...at, env: {} });
  const bodies = await bodiesOf(back, route, 4);
  for (const body of ["under the file", "under both", "by the one before", "under Cloud KMS"]) {
    expect(bodies).toContain(body);
  }
});

test("from one key in Cloud KMS to another, as for another region", async () => {
  const before = await world.server();
  const at = { database: { url: before.database.url } };
  const route = await before.route();
  expect(await status(before, route, "under the old one")).toBe(200);
  await before.kill();
  const next = world.kms.addKey("next");
  const env = { ...world.env, KMS_KEY: next };
  await expect(world.server({ ...at, env })).rejects.toThrow(/name it in KMS_OLD_KEYS/);
  const moving = await world.server({ ...at, env: { ...env, KMS_OLD_KEYS: world.key } });
  await waitFor("the new wrapping", async () => `${await wrappedBy(before)}` === `${next}/cryptoKeyVersions/1`, {
    timeoutMs: 20_000,
  });
  await moving.kill();
  world.kms.setEnabled(`${world.key}/cryptoKeyVersions/1`, false);
  const after = await world.server({ ...at, env });
  expect(await bodiesOf(after, route, 1)).toContain("under the old one");
});

test("a key file that got a new last line: what the old one wrapped is wrapped anew", async () => {
  const server = await world.server({ env: {} });
  const route = await server.route();
  expect(await status(server, route, "under the old line")).toBe(200);
  await server.kill();
  const file = join(server.dataDir, "key");
  await writeFile(file, `${await readFile(file, "utf8")}next:${Buffer.alloc(32, 7).toString("base64")}\n`);
  await server.start();
  await waitFor("the new wrapping", async () => `${await wrappedBy(server)}` === "next");
  expect(await bodiesOf(server, route, 1)).toContain("under the old line");
});
