import { Outcome, Reason } from "@relay/server/wire";
import { afterEach, expect, test } from "vitest";
import { startDestination } from "./destination.js";
import { startTestAgent, type TestAgent, testTransport } from "./in-process-agent.js";
import { type LinkServer, type ServerSession, startLinkServer, testDelivery, testOutput } from "./link-server.js";

let server: LinkServer;
let agent: TestAgent | null = null;
afterEach(async () => {
  await agent?.stop();
  agent = null;
  await server.close();
});

function refuse(session: ServerSession, reason: Reason, retryAfterMs = 0): void {
  session.send({ $case: "refused", value: { reason, message: "", retryAfterMs, minProtocol: 1, maxProtocol: 1 } });
  session.end();
}

test.each(["grpc", "websocket"] as const)("over %s a silent server is noticed and left", async (name) => {
  server = await startLinkServer({ heartbeatMs: 100 });
  agent = startTestAgent(server, { transport: testTransport(server, name) });
  const first = await server.session(1);
  await first.until(() => first.frames.some(({ $case }) => $case === "ping"));
  first.speaking = false;
  await server.session(2);
  expect(agent.losses).toEqual([expect.stringMatching(/no sign of life from the server for 0.2 s/)]);
});

test("a server that speaks only by its pings is alive", async () => {
  server = await startLinkServer({ heartbeatMs: 100 });
  agent = startTestAgent(server);
  const session = await server.session(1);
  const pings = () => session.frames.filter(({ $case }) => $case === "ping").length;
  await session.until(() => pings() >= 5);
  expect(server.sessions).toHaveLength(1);
});

test("the ticket replaces the secret, and the secret a refused ticket", async () => {
  server = await startLinkServer({
    onHello(session, hello) {
      if (server.sessions.length === 2) return refuse(session, Reason.REASON_TICKET_EXPIRED);
      session.welcome(10_000, hello.ticket.length > 0 ? hello.ticket : Buffer.from("ticket-1"));
      if (server.sessions.length === 1) session.end();
    },
  });
  agent = startTestAgent(server);
  const [first, second, third] = [await server.session(1), await server.session(2), await server.session(3)];
  const shown = [first, second, third].map(({ hello }) => [
    hello?.tokenSecret,
    Buffer.from(hello?.ticket ?? []).toString(),
  ]);
  expect(shown).toEqual([
    ["secret", ""],
    ["", "ticket-1"],
    ["secret", ""],
  ]);
});

test("an overloaded server is left alone for as long as it asks", async () => {
  server = await startLinkServer({
    onHello(session) {
      if (server.sessions.length === 1) refuse(session, Reason.REASON_OVERLOADED, 400);
      else session.welcome(10_000);
    },
  });
  const startedAt = performance.now();
  agent = startTestAgent(server);
  await server.session(2);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(399);
});

test("after go-away the calls in flight are acked, then the agent comes back when told", async () => {
  let release: () => void = () => undefined;
  const destination = await startDestination((_request, response) => {
    release = () => response.end();
  });
  server = await startLinkServer({ outputs: [testOutput(destination.url)] });
  agent = startTestAgent(server);
  const session = await server.session(1);
  session.deliver(testDelivery(1));
  await destination.count(1);
  session.send({ $case: "goAway", value: { reconnectAfterMs: 50, reason: "deploy" } });
  release();
  expect((await session.ack(1)).outcome).toBe(Outcome.OUTCOME_DELIVERED);
  session.end();
  await server.session(2);
  await destination.stop();
});

test("a delivery that comes again while its call still runs is not called twice", async () => {
  let release: () => void = () => undefined;
  const destination = await startDestination((_request, response) => {
    release = () => response.end();
  });
  server = await startLinkServer({ outputs: [testOutput(destination.url)] });
  agent = startTestAgent(server);
  const first = await server.session(1);
  const delivery = testDelivery(1);
  first.deliver(delivery, testDelivery(7, {}, { id: delivery.id }));
  await destination.count(1);
  first.end();
  const second = await server.session(2);
  second.deliver({ ...delivery, sequence: 3, attempt: 2 });
  // The proof that the redelivery was taken in: a later one of another output's number is answered.
  second.deliver(testDelivery(4, {}, { output: 99 }));
  await second.ack(4);
  release();
  expect(await second.ack(3)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, fromLedger: false });
  expect(destination.received).toHaveLength(1);
  second.deliver({ ...delivery, sequence: 5, attempt: 3 });
  expect(await second.ack(5)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, fromLedger: true, statusCode: 200 });
  expect(destination.received).toHaveLength(1);
  await destination.stop();
});

test("threat: a server that ignores the window is left before memory grows", async () => {
  const destination = await startDestination(() => undefined);
  server = await startLinkServer({ outputs: [testOutput(destination.url)] });
  agent = startTestAgent(server, { window: 8, concurrency: 1 });
  const session = await server.session(1);
  for (let i = 1; i <= 600; i += 1) session.deliver(testDelivery(i));
  await server.session(2);
  expect(agent.losses[0]).toMatch(/more than the 8 deliveries/);
  await destination.stop();
});

test("a gap is told with the output it concerns", async () => {
  server = await startLinkServer({ outputs: [testOutput("http://127.0.0.1:1")] });
  agent = startTestAgent(server);
  const session = await server.session(1);
  const { id } = testOutput("");
  session.send({ $case: "gap", value: { outputId: id, count: 3, fromMs: 1, toMs: 2 } });
  session.deliver(testDelivery(1, {}, { output: 99 }));
  await session.ack(1);
  expect(agent.gaps).toMatchObject([{ gap: { count: 3 }, output: { bucketName: "demo" } }]);
});
