import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Destination, startDestination } from "./destination.js";
import { startTestAgent, type TestAgent } from "./in-process-agent.js";
import { type LinkServer, startLinkServer, testDelivery, testOutput } from "./link-server.js";

const held: ServerResponse[] = [];
let destination: Destination;
let server: LinkServer;
let agent: TestAgent;

beforeEach(async () => {
  held.length = 0;
  destination = await startDestination((request, response) => {
    if (request.url.startsWith("/slow")) held.push(response);
    else response.end();
  });
  const slow = testOutput(`${destination.url}/slow`);
  const fast = testOutput(`${destination.url}/fast`, {
    number: 2,
    id: "00000000-0000-4000-8000-000000000002",
    name: "fast",
  });
  server = await startLinkServer({ outputs: [slow, fast] });
});
afterEach(async () => {
  await agent.stop();
  await server.close();
  await destination.stop();
});

test("the other output of the same server goes on while one hangs with a full queue", async () => {
  agent = startTestAgent(server, { concurrency: 4 });
  const session = await server.session(1);
  session.deliver(...Array.from({ length: 100 }, (_, i) => testDelivery(i + 1)));
  session.deliver(...Array.from({ length: 50 }, (_, i) => testDelivery(i + 201, {}, { output: 2 })));
  await Promise.all(Array.from({ length: 50 }, (_, i) => session.ack(i + 201)));
  expect(held).toHaveLength(4);
  expect([...session.acks.keys()].filter((sequence) => sequence <= 100)).toEqual([]);
});

test("a delivery that waits for its next try gives its place to the next one", async () => {
  agent = startTestAgent(server, { concurrency: 2, retry: { maxRetries: 3, waitMinMs: 60_000, waitMaxMs: 60_000 } });
  const session = await server.session(1);
  session.deliver(testDelivery(1), testDelivery(2), testDelivery(3));
  await destination.count(2);
  for (const response of held.splice(0)) response.writeHead(503).end();
  await destination.count(3);
  held.splice(0)[0]?.end();
  await session.ack(3);
  expect(session.acks.has(1)).toBe(false);
});

test("with a concurrency of 1 the order holds, over retries too", async () => {
  agent = startTestAgent(server, { concurrency: 1 });
  const session = await server.session(1);
  session.deliver(testDelivery(1, { path: "/1" }), testDelivery(2, { path: "/2" }), testDelivery(3, { path: "/3" }));
  for (const status of [503, 200, 200, 200]) {
    const before = destination.received.length;
    await destination.count(before === 0 ? 1 : before);
    while (held.length === 0) await destination.count(destination.received.length + 1);
    held.splice(0)[0]?.writeHead(status).end();
  }
  await session.ack(3);
  expect(destination.received.map(({ url }) => url)).toEqual(["/slow/1", "/slow/1", "/slow/2", "/slow/3"]);
});
