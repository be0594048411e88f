import { randomBytes } from "node:crypto";
import { METHODS } from "node:http";
import { gzipSync } from "node:zlib";
import { Outcome } from "@relay/server/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Destination, startDestination } from "./destination.js";
import { startTestAgent, type TestAgent, testTransport } from "./in-process-agent.js";
import {
  type LinkServer,
  type ServerSession,
  startLinkServer,
  type TestWebhook,
  testDelivery,
  testOutput,
} from "./link-server.js";

/** Methods that Node's client and server both take as plain requests. */
const PLAIN_METHODS = METHODS.filter((method) => method !== "CONNECT");

const LATIN1 = Array.from({ length: 0x60 }, (_, i) => String.fromCharCode(0xa0 + i)).join("");

const ODD: Readonly<Record<string, TestWebhook>> = {
  empty: { body: Buffer.alloc(0) },
  binary: { body: Buffer.from(Array.from({ length: 256 }, (_, i) => i)) },
  "byte order mark": { body: Buffer.from("\ufeff{}") },
  gzip: { body: gzipSync("x".repeat(1_000)), headers: ["Content-Encoding", "gzip"] },
  "came in chunks": { body: Buffer.from("chunked"), headers: ["Transfer-Encoding", "chunked", "Trailer", "X-T"] },
  "duplicate keys and odd numbers": { body: Buffer.from('{"a":1,"a":2, "b":1.0,"c":12345678901234567890 }\r\n') },
  form: { body: Buffer.from("a=1&a=2&b=%20+"), headers: ["content-type", "application/x-www-form-urlencoded"] },
  "repeated headers": {
    headers: ["X-Sig", "1", "x-sig", "2", "X-Other", "y", "X-SIG", "3", "Cookie", "a=1", "Cookie", "b=2"],
  },
  "Latin-1 header values": { headers: ["X-Latin", LATIN1, "X-Empty", "", "X-Tab", "a\tb"] },
  "percent-encoded path": { path: "/a%2Fb/%7e/%zz//c/./d", query: null },
  "dots in the path": { path: "/../../etc", query: null },
  "query without value": { query: "a&b=&=c&%20" },
  "question mark alone": { query: "" },
  "three megabytes": { body: randomBytes(3 * 1024 * 1024) },
  "GET with a body": { method: "GET", body: Buffer.from("why not") },
};

describe.each(["grpc", "websocket"] as const)("over %s", (name) => {
  let destination: Destination;
  let server: LinkServer;
  let agent: TestAgent;
  let session: ServerSession;

  beforeEach(async () => {
    destination = await startDestination();
    server = await startLinkServer({ outputs: [testOutput(`${destination.url}/hooks`)] });
    agent = startTestAgent(server, { transport: testTransport(server, name) });
    session = await server.session(1);
  });
  afterEach(async () => {
    await agent.stop();
    await server.close();
    await destination.stop();
  });

  test("odd webhooks arrive as they were sent", async () => {
    const entries = Object.entries(ODD);
    session.deliver(
      ...entries.map(([label, webhook], i) =>
        testDelivery(i + 1, { ...webhook, headers: [...(webhook.headers ?? []), "X-Label", label] }),
      ),
    );
    await Promise.all(entries.map((_, i) => session.ack(i + 1)));
    for (const [label, webhook] of entries) {
      const got = destination.received.find(({ rawHeaders }) => rawHeaders.includes(label));
      expect(got, label).toBeDefined();
      expect(got?.method, label).toBe(webhook.method ?? "POST");
      const query = webhook.query ?? null;
      expect(got?.url, label).toBe(`/hooks${webhook.path ?? ""}${query === null ? "" : `?${query}`}`);
      expect(got?.body.equals(webhook.body ?? Buffer.from("hello")), label).toBe(true);
      expect(endToEnd(got?.rawHeaders ?? []), label).toEqual([...endToEnd(webhook.headers ?? []), "X-Label", label]);
    }
  });

  test("every method arrives as itself", async () => {
    session.deliver(...PLAIN_METHODS.map((method, i) => testDelivery(i + 1, { method, body: Buffer.alloc(0) })));
    const acks = await Promise.all(PLAIN_METHODS.map((_, i) => session.ack(i + 1)));
    expect(acks.map(({ outcome }) => outcome)).toEqual(PLAIN_METHODS.map(() => Outcome.OUTCOME_DELIVERED));
    expect(destination.received.map(({ method }) => method).sort()).toEqual([...PLAIN_METHODS].sort());
  });

  test("the destination sees a stable id and the attempt, not what the sender forged", async () => {
    const forged = ["X-Relay-Attempt", "7", "x-relay-delivery-id", "forged"];
    session.deliver(testDelivery(1, { headers: forged }, { attempt: 3 }));
    await session.ack(1);
    const headers = destination.received[0]?.rawHeaders ?? [];
    expect(headers.slice(headers.indexOf("X-Relay-Delivery-Id"))).toEqual(
      expect.arrayContaining(["X-Relay-Delivery-Id", "00000000-0000-0000-0000-000000000001", "X-Relay-Attempt", "3"]),
    );
    expect(headers).not.toContain("forged");
    expect(headers).not.toContain("7");
  });
});

/** Without what belongs to the connection or is added by the relay. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const own = /^(host|connection|content-length|transfer-encoding|trailer|x-relay-.*)$/i;
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!own.test(rawHeaders[i] ?? "")) kept.push(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  }
  return kept;
}
