import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { RelayApi } from "../src/client/relay-api.js";
import { RelayObjects } from "../src/client/relay-objects.js";
import { planResource } from "../src/engine/plan-resource.js";
import type { Json } from "../src/model.js";
import { TOKEN } from "../src/resources/token.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());

const connect = (key: string, secret: string) =>
  new RelayApi({ address: server.at.http, key, secret, userAgent: "test", managedBy: "terraform" });

async function lets(key: string, secret: string): Promise<boolean> {
  const api = connect(key, secret);
  try {
    await api.send("GET", "/v1/version");
    return true;
  } catch {
    return false;
  } finally {
    api.stop();
  }
}

test("a rotation whose answer was lost is made again without ending the secret that agents use", async () => {
  const api = connect(server.adminKey, server.adminSecret);
  const objects = new RelayObjects(api);
  const config = { name: "spared", api_access: "enabled" };
  const { id, secret } = await objects.create(TOKEN, planResource(TOKEN, { prior: null, config }).planned);
  const used = String(secret);
  expect(await lets(String(id), used)).toBe(true);

  const lost = await objects.rotate(String(id), { graceSeconds: 600, ownSecret: null });
  const told = await objects.rotate(String(id), { graceSeconds: 600, ownSecret: null });
  expect(await lets(String(id), used)).toBe(true);
  expect(await lets(String(id), String(lost))).toBe(false);
  expect(await lets(String(id), String(told))).toBe(true);

  // Once the new one is in use, it is the next rotation that ends the first. Use is noted behind the answer.
  await expect
    .poll(async () => ((await api.send("GET", `/v1/tokens/${String(id)}`)) as { secrets: Json[] }).secrets[0])
    .toMatchObject({ last_used_at: expect.any(Number) });
  const last = await objects.rotate(String(id), { graceSeconds: 600, ownSecret: null });
  expect(await lets(String(id), used)).toBe(false);
  expect(await lets(String(id), String(told))).toBe(true);
  expect(await lets(String(id), String(last))).toBe(true);
  api.stop();
});
