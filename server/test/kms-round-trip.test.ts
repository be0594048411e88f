import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSession } from "./support/link-client.js";
import { manifestClient } from "./support/manifest-client.js";
import type { Route, TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";
import { WithKms } from "./support/with-kms.js";

let world: WithKms;
beforeEach(async () => {
  world = await WithKms.start();
});
afterEach(() => world.close());

const post = async (server: TestServer, route: Route, body: string) =>
  expect((await fetch(server.at.http + route.path, { method: "POST", body })).status).toBe(200);

/** The bodies an agent gets that was away until now. */
async function delivered(server: TestServer, route: Route, count: number): Promise<string[]> {
  const agent = await openSession(server, "grpc", await server.token(), { agent: "a", buckets: [route.bucketId] });
  agent.acknowledgeAll = true;
  await waitFor("the output", () => agent.outputs.some(({ id }) => id === route.outputId));
  const deliveries = await agent.received(count, 20_000);
  agent.destroy();
  return deliveries.map(({ request }) => Buffer.from(request).toString("latin1"));
}

test("a webhook goes through, its key is wrapped by the key's version, and no key lies in the data directory", async () => {
  const server = await world.server();
  const route = await server.route();
  await post(server, route, "a visible marker");
  expect(await delivered(server, route, 1)).toEqual([expect.stringContaining("a visible marker")]);
  const { rows } = await server.database.pool.query(
    "SELECT kek_id, wrapped FROM bucket_keys UNION ALL SELECT kek_id, wrapped FROM installation_secrets",
  );
  expect(new Set(rows.map((row) => row.kek_id))).toEqual(new Set([`${world.key}/cryptoKeyVersions/1`]));
  expect(await readdir(server.dataDir)).not.toContain("key");
  expect((await fetch(`${server.at.status}/readyz`)).status).toBe(200);
  expect(await server.metric('relay_kms_calls_total{operation="encrypt",result="ok"}')).toBeGreaterThan(2);
});

test("threat: a key is seen in logs, in answers or in the database", async () => {
  const server = await world.server({ env: { ...world.env, LOG_LEVEL: "trace" } });
  const route = await server.route();
  await post(server, route, "x");
  world.kms.denied = true;
  const { status, json } = await server.api("POST", "/v1/buckets", { name: "refused" });
  expect(status).toBe(503);
  await waitFor("the report", () => server.logged("kms.refused").length > 0);
  const { rows } = await server.database.pool.query(
    "SELECT coalesce(string_agg(encode(wrapped, 'hex'), ''), '') AS text FROM bucket_keys",
  );
  expect(world.kms.plaintexts.length).toBeGreaterThan(2);
  for (const secret of world.kms.plaintexts) {
    for (const text of [server.output, JSON.stringify(json), String(rows[0]?.text)]) {
      for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
        expect(text.includes(secret.toString(encoding))).toBe(false);
      }
      expect(text.includes([...secret].join(","))).toBe(false);
    }
  }
});

test("two servers without a file in common are one installation, also when they start at once", async () => {
  const first = await world.server();
  // The secret they share is made again, by whoever comes first.
  await first.kill();
  await first.database.pool.query("DELETE FROM installation_secrets");
  const [, second] = await Promise.all([first.start(), world.server({ database: { url: first.database.url } })]);
  const { rows } = await first.database.pool.query("SELECT name FROM installation_secrets ORDER BY name");
  expect(rows).toEqual([{ name: "root" }, { name: "settings" }]);

  const route = await first.route();
  const token = await first.token();
  const agent = await openSession(first, "grpc", token, { agent: "a", buckets: [route.bucketId] });
  const { ticket } = await agent.first("welcome");
  agent.destroy();
  const ticketed = await waitFor("the token on the other server", () =>
    openSession(
      second,
      "grpc",
      { key: token.key, secret: "" },
      { ticket, agent: "a", buckets: [route.bucketId] },
    ).catch(() => undefined),
  );
  ticketed.acknowledgeAll = true;
  await waitFor("the output", () => ticketed.outputs.some(({ id }) => id === route.outputId));
  await post(first, route, "from the one to the other");
  await ticketed.received(1);
  ticketed.destroy();

  const content = { buckets: { github: { inputs: { push: null } } } };
  const plan = await manifestClient(first).plan("team", content);
  expect((await manifestClient(second).apply("team", content, plan)).plan.fingerprint).toBe(plan.fingerprint);
});

test("a restart finds what was sealed before it, and a ticket is still good", async () => {
  const server = await world.server();
  const route = await server.route();
  const token = await server.token();
  const agent = await openSession(server, "grpc", token, { agent: "elsewhere", buckets: [] });
  const { ticket } = await agent.first("welcome");
  agent.destroy();
  await post(server, route, "before the restart");
  await server.kill("SIGKILL");
  await server.start();
  const again = await openSession(server, "grpc", { key: token.key, secret: "" }, { ticket, agent: "elsewhere" });
  again.destroy();
  expect(await delivered(server, route, 1)).toEqual([expect.stringContaining("before the restart")]);
});

test("threat: a wrapped key moved to another bucket's row opens nothing there", async () => {
  const server = await world.server();
  const mine = await server.route();
  const theirs = await server.route();
  await post(server, theirs, "theirs");
  await server.kill();
  await server.database.pool.query(
    `UPDATE bucket_keys SET kek_id = o.kek_id, wrapped = o.wrapped
     FROM bucket_keys o WHERE bucket_keys.bucket_id = $1 AND o.bucket_id = $2`,
    [mine.bucketId, theirs.bucketId],
  );
  await server.start();
  expect((await fetch(server.at.http + mine.path, { method: "POST", body: "x" })).status).toBe(503);
  const report = await waitFor("its report", () => server.logged("key.not-loaded")[0]);
  expect(report).toMatchObject({
    bucket: mine.bucketId,
    err: { message: expect.stringContaining("moved from another row") },
  });
  // One damaged row is no outage.
  expect(await server.metric("relay_kms_up")).toBe(1);
  expect(await delivered(server, theirs, 1)).toEqual([expect.stringContaining("theirs")]);
});

test("threat: who writes to the database brings the server to use a key of his own", async () => {
  const server = await world.server();
  await server.route();
  await server.kill();
  const foreign = world.kms.addKey("of-a-stranger");
  await server.database.pool.query("UPDATE bucket_keys SET kek_id = $1", [`${foreign}/cryptoKeyVersions/1`]);
  await expect(server.start()).rejects.toThrow(/of-a-stranger.*no version of KMS_KEY/);
  expect(world.kms.calls.filter(({ key }) => key === foreign)).toEqual([]);
});
