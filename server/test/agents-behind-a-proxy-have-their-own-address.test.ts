import { expect, test } from "vitest";
import { connectLink, hello, TRANSPORTS, type TransportKind } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

const FORWARDED = { "x-forwarded-for": "203.0.113.66, 203.0.113.9, 198.51.100.1" };

/** What the server notes of an agent that comes with these header fields. */
async function addressOf(server: TestServer, kind: TransportKind): Promise<string> {
  const token = await server.token();
  const client = connectLink(server, kind, { headers: FORWARDED });
  try {
    client.send(hello({ tokenKey: token.key, tokenSecret: token.secret, agent: kind }));
    await client.first("outputs");
    const { webhook_clients: clients } = await server.must("GET", "/v1/connected-clients");
    return clients.find(({ name }: { name: string }) => name === kind).client_ip;
  } finally {
    client.destroy();
  }
}

test("an agent behind a trusted proxy is noted, and queues for its check, under the address that the proxy saw", async () => {
  const server = await runServer({ env: { TRUSTED_PROXIES: "127.0.0.1,198.51.100.1" } });
  try {
    for (const kind of TRANSPORTS) expect(await addressOf(server, kind), kind).toBe("203.0.113.9");
  } finally {
    await server.close();
  }
}, 60_000);

test("threat: an agent says that it has another address; without a trusted proxy its own is noted", async () => {
  const server = await runServer();
  try {
    for (const kind of TRANSPORTS) expect(await addressOf(server, kind), kind).toBe("127.0.0.1");
  } finally {
    await server.close();
  }
}, 60_000);
