import { Outcome } from "@relay/server/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, type Destination, startDestination } from "./destination.js";
import { startTestAgent, type TestAgent } from "./in-process-agent.js";
import {
  type LinkServer,
  type LinkServerOptions,
  type ServerSession,
  startLinkServer,
  testDelivery,
  testOutput,
} from "./link-server.js";

let destination: Destination;
let server: LinkServer;
let agent: TestAgent;
let answer: Answer;

beforeEach(async () => {
  answer = (_request, response) => response.writeHead(503).end();
  destination = await startDestination((request, response) => answer(request, response));
});
afterEach(async () => {
  await agent.stop();
  await server.close();
  await destination.stop();
});

async function start(options: LinkServerOptions = {}, retry = { maxRetries: 2, waitMinMs: 1, waitMaxMs: 1 }) {
  server = await startLinkServer({ outputs: [testOutput(destination.url)], ...options });
  agent = startTestAgent(server, { retry, concurrency: 2 });
  return server.session(1);
}

/** Attempt numbers that the destination saw, in order. */
function seen(): number[] {
  return destination.received.map(({ rawHeaders }) => Number(rawHeaders[rawHeaders.indexOf("X-Relay-Attempt") + 1]));
}

async function announced(session: ServerSession, count: number): Promise<void> {
  await session.until(() => session.tries.length >= count);
}

/** Lets a delivery pass from end to end: what was wrongly under way before would have come by then. */
async function passAnother(session: ServerSession, sequence: number): Promise<void> {
  const before = answer;
  answer = (_request, response) => response.end();
  session.deliver(testDelivery(sequence, {}, { attempt: 90 }));
  await session.ack(sequence);
  answer = before;
}

test("a delivery that its destination takes at once announces nothing", async () => {
  answer = (_request, response) => response.end();
  const session = await start();
  session.deliver(testDelivery(1));
  await session.ack(1);
  expect(session.frames.map(({ $case }) => $case)).toEqual(["hello", "acks"]);
});

test("a retry is made once the server has recorded its number, not before", async () => {
  const session = await start({ answerTries: false });
  session.deliver(testDelivery(1, {}, { attempt: 4 }));
  await announced(session, 1);
  expect(session.tries).toEqual([{ sequence: 1, attempt: 5 }]);
  await passAnother(session, 2);
  expect(seen()).toEqual([4, 90]);
  session.allowTries(1);
  await announced(session, 2);
  expect(session.tries.at(-1)).toEqual({ sequence: 1, attempt: 6 });
  expect(seen()).toEqual([4, 90, 5]);
  session.allowTries(1);
  expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, tries: 3 });
  expect(seen()).toEqual([4, 90, 5, 6]);
});

test("a recorded retry still waits for its time", async () => {
  const session = await start({}, { maxRetries: 1, waitMinMs: 300, waitMaxMs: 300 });
  const times: number[] = [];
  answer = (_request, response) => {
    times.push(performance.now());
    response.writeHead(503).end();
  };
  session.deliver(testDelivery(1));
  expect(await session.ack(1)).toMatchObject({ tries: 2 });
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(290);
});

test("a retry that the server refuses is not made: the delivery is returned", async () => {
  const session = await start({ answerTries: false });
  session.deliver(testDelivery(1));
  await announced(session, 1);
  session.refuseTries(1);
  expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_RETURNED });
  // Late and wrong answers change nothing.
  session.allowTries(1, 77);
  await passAnother(session, 2);
  expect(seen()).toEqual([1, 90]);
});

test("a retry whose session ends unanswered is forgotten; the next hand-out's number counts", async () => {
  const session = await start({ answerTries: false });
  const delivery = testDelivery(1);
  session.deliver(delivery);
  await announced(session, 1);
  session.end();
  const second = await server.session(2);
  second.answerTries = true;
  second.deliver({ ...delivery, sequence: 5, attempt: 3 });
  expect(await second.ack(5)).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, tries: 3 });
  expect(second.tries.map(({ attempt }) => attempt)).toEqual([4, 5]);
  expect(seen()).toEqual([1, 3, 4, 5]);
});

test("a call that outlives its session goes on behind the number of the redelivery", async () => {
  let fail: () => void = () => undefined;
  answer = (_request, response) => {
    fail = () => response.writeHead(503).end();
    if (destination.received.length > 1) fail();
  };
  const session = await start();
  const delivery = testDelivery(1);
  session.deliver(delivery);
  await destination.count(1);
  session.end();
  const second = await server.session(2);
  second.deliver({ ...delivery, sequence: 5, attempt: 7 });
  // The proof that the redelivery was taken in: a later one of an unknown output is answered.
  second.deliver(testDelivery(6, {}, { output: 99 }));
  await second.ack(6);
  fail();
  // What the server makes of it: attempt 7, tried twice, so that the last one was number 8.
  expect(await second.ack(5)).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, tries: 2 });
  expect(seen()).toEqual([1, 7, 8]);
});

test("an older server that records nothing is told nothing and waited for never", async () => {
  const session = await start({
    onHello: (each) => {
      each.welcome(10_000, new Uint8Array(0), false);
      each.outputs([testOutput(destination.url)]);
    },
  });
  session.deliver(testDelivery(1));
  expect(await session.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_FAILED, tries: 3 });
  expect(seen()).toEqual([1, 2, 3]);
  expect(session.tries).toEqual([]);
});
