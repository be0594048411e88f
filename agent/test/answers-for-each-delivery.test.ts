import { decodeHeaderBlock, MAX_REPORTED_RESPONSE_BYTES, Outcome } from "@relay/server/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllowList } from "../src/forward/allow-list.js";
import { type Answer, type Destination, startDestination } from "./destination.js";
import { startTestAgent, type TestAgent } from "./in-process-agent.js";
import { type LinkServer, startLinkServer, testDelivery, testOutput } from "./link-server.js";

let destination: Destination;
let server: LinkServer;
let agent: TestAgent | null = null;
let answer: Answer;

beforeEach(async () => {
  answer = (_request, response) => response.end();
  destination = await startDestination((request, response) => answer(request, response));
  server = await startLinkServer({ outputs: [testOutput(destination.url)] });
});
afterEach(async () => {
  await agent?.stop();
  agent = null;
  await server.close();
  await destination.stop();
});

describe("an answer of the destination", () => {
  test.each([200, 204, 302, 304])("%i is delivered, redirects are not followed", async (status) => {
    answer = (_request, response) => response.writeHead(status, { location: `${destination.url}/elsewhere` }).end();
    agent = startTestAgent(server);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, statusCode: status, tries: 1 });
    expect(destination.received).toHaveLength(1);
  });

  test.each([400, 404, 429, 501])("%i has failed at once, and its answer is reported", async (status) => {
    const body = "x".repeat(MAX_REPORTED_RESPONSE_BYTES + 5_000);
    answer = (_request, response) => response.writeHead(status, { "X-Why": "because" }).end(body);
    agent = startTestAgent(server);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    const ack = await session.ack(1);
    expect(ack).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, statusCode: status, tries: 1 });
    expect(Buffer.from(ack.response?.body ?? []).toString()).toBe("x".repeat(MAX_REPORTED_RESPONSE_BYTES));
    expect(decodeHeaderBlock(ack.response?.headers ?? new Uint8Array(0))).toEqual(
      expect.arrayContaining(["X-Why", "because"]),
    );
  });

  test("503 is tried again until the destination recovers, with a growing attempt number", async () => {
    answer = (_request, response) => response.writeHead(destination.received.length < 3 ? 503 : 200).end();
    agent = startTestAgent(server);
    const session = await server.session(1);
    session.deliver(testDelivery(1, {}, { attempt: 4 }));
    expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, tries: 3 });
    const attempts = destination.received.map(
      ({ rawHeaders }) => rawHeaders[rawHeaders.indexOf("X-Relay-Attempt") + 1],
    );
    expect(attempts).toEqual(["4", "5", "6"]);
  });

  test("500 for ever has failed after the last try", async () => {
    answer = (_request, response) => response.writeHead(500).end("broken");
    agent = startTestAgent(server);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, statusCode: 500, tries: 3 });
  });
});

describe("no answer of the destination", () => {
  test("a refused connection is unreachable, in words", async () => {
    await destination.stop();
    agent = startTestAgent(server);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    const ack = await session.ack(1);
    expect(ack).toMatchObject({ outcome: Outcome.OUTCOME_UNREACHABLE, statusCode: 0, tries: 3 });
    expect(ack.error).toMatch(/connection refused by http:\/\/127.0.0.1:\d+: is the service running\?/);
  });

  test("a broken connection is tried again at once", async () => {
    answer = (_request, response) => (destination.received.length === 1 ? response.socket?.destroy() : response.end());
    agent = startTestAgent(server, { retry: { maxRetries: 1, waitMinMs: 60_000, waitMaxMs: 60_000 } });
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, tries: 2 });
  });

  test("a call that takes too long is given up", async () => {
    answer = () => undefined;
    agent = startTestAgent(server, { timeoutMs: 300, retry: { maxRetries: 0, waitMinMs: 1, waitMaxMs: 1 } });
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    const ack = await session.ack(1);
    expect(ack).toMatchObject({ outcome: Outcome.OUTCOME_UNREACHABLE, tries: 1 });
    expect(ack.error).toMatch(/timed out after 0.3 s/);
  });
});

describe("what the agent may call", () => {
  test("threat: a captured server names another destination", async () => {
    agent = startTestAgent(server, { allow: parseAllowList(["http://127.0.0.1:1"]) });
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    const ack = await session.ack(1);
    expect(ack).toMatchObject({ outcome: Outcome.OUTCOME_BLOCKED, tries: 0 });
    expect(ack.error).toMatch(/may not call http:\/\/127.0.0.1:\d+; it allows: http:\/\/127.0.0.1:1/);
    expect(destination.received).toEqual([]);
    expect(agent.warnings).toHaveLength(1);
  });

  test("threat: an extra path with dots leaves the pinned path", async () => {
    await server.close();
    server = await startLinkServer({ outputs: [testOutput(`${destination.url}/hooks`)] });
    agent = startTestAgent(server, { allow: parseAllowList([`${destination.url}/hooks`]) });
    const session = await server.session(1);
    session.deliver(testDelivery(1, { path: "/%2e%2e/admin" }), testDelivery(2, { path: "/ok" }));
    expect((await session.ack(1)).outcome).toBe(Outcome.OUTCOME_BLOCKED);
    expect((await session.ack(2)).outcome).toBe(Outcome.OUTCOME_DELIVERED);
    expect(destination.received.map(({ url }) => url)).toEqual(["/hooks/ok"]);
  });

  test("threat: a name resolves outside the allowed network", async () => {
    await server.close();
    server = await startLinkServer({ outputs: [testOutput(destination.url.replace("127.0.0.1", "localhost"))] });
    agent = startTestAgent(server, { allow: parseAllowList(["10.0.0.0/8"]) });
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_BLOCKED, tries: 1 });
    expect(destination.received).toEqual([]);
  });

  test("a name within the allowed network is called", async () => {
    await server.close();
    server = await startLinkServer({ outputs: [testOutput(destination.url.replace("127.0.0.1", "localhost"))] });
    agent = startTestAgent(server, { allow: parseAllowList(["127.0.0.0/8"]) });
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    expect((await session.ack(1)).outcome).toBe(Outcome.OUTCOME_DELIVERED);
  });
});

test("a delivery for an output that is not served is returned", async () => {
  agent = startTestAgent(server);
  const session = await server.session(1);
  session.deliver(testDelivery(1, {}, { output: 9 }));
  expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_RETURNED, tries: 0 });
});

test("a changed destination takes effect for the next delivery", async () => {
  const other = await startDestination();
  agent = startTestAgent(server);
  const session = await server.session(1);
  session.deliver(testDelivery(1));
  await session.ack(1);
  session.outputs([testOutput(other.url, { number: 2 })]);
  session.deliver(testDelivery(2, {}, { output: 2 }));
  await session.ack(2);
  expect([destination.received.length, other.received.length]).toEqual([1, 1]);
  await other.stop();
});
