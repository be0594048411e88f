import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, TRANSPORTS } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());

test.each(TRANSPORTS)("an agent connects over %s with the account's API key as whr and gets webhooks", async (kind) => {
  const route = await server.route();
  const { api_key: secret } = await server.must("POST", "/v1/account/api-key");
  const agent = await openSession(server, kind, { key: "whr", secret });
  try {
    agent.acknowledgeAll = true;
    expect((await fetch(server.at.http + route.path, { method: "POST", body: "hello" })).status).toBe(200);
    await agent.received(1);
    await server.must("PUT", "/v1/account/api-key", { enabled: false });
    await agent.ended();
  } finally {
    agent.destroy();
  }
});
