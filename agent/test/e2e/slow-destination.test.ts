import { afterAll, beforeAll, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { runAgent } from "./support/run-agent.js";
import { startLoad } from "./support/steady-load.js";

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
});

afterAll(() => server.close());

test("an output whose destination never answers blocks no other output of the agent", async () => {
  const [hanging, quick] = await Promise.all([
    startRecordingDestination(() => Number.POSITIVE_INFINITY),
    startRecordingDestination(),
  ]);
  const route = await server.route({ bucket: { name: "one-hangs" }, output: { destination: hanging.url } });
  await server.must("POST", `/v1/buckets/${route.bucketId}/outputs`, {
    name: "quick",
    destination: quick.url,
    internal: true,
  });
  const agent = await runAgent(server, { name: "one-hangs", buckets: ["one-hangs"], args: ["--quiet"] });
  // More than the agent's window and what the server keeps in memory for one output.
  const { answered } = await post(route, { count: 3_000, perSecond: 2_000 });
  await quick.allArrived(answered, 3_000);
  expect(quick.arrivals.length).toBe(answered.length);
  // As many calls as the agent makes at a time, all of them still open.
  expect(hanging.arrivals.length).toBe(32);
  await agent.close();
  await Promise.all([hanging.stop(), quick.stop()]);
});

test("1 of 100 webhooks taking 3 s at 100/s delays none of the others", async () => {
  const destination = await startRecordingDestination(({ sequence }) => (sequence % 100 === 0 ? 3_000 : 0));
  const route = await server.route({ bucket: { name: "some-sleep" }, output: { destination: destination.url } });
  const agent = await runAgent(server, { name: "some-sleep", buckets: ["some-sleep"], args: ["--quiet"] });
  const { answered, sentAt } = await post(route, { count: 400, perSecond: 100 });
  await destination.allArrived(answered);
  const delays = destination.arrivals.map(({ sequence, at }) => at - (sentAt.get(sequence) ?? 0)).sort((a, b) => a - b);
  expect(delays.length).toBe(answered.length);
  expect(delays[Math.floor(delays.length * 0.99)]).toBeLessThan(500);
  expect(delays.at(-1)).toBeLessThan(1_500);
  await agent.close();
  await destination.stop();
});

test("a destination that falls behind with one call at a time still gets everything in order", async () => {
  const destination = await startRecordingDestination(() => 20);
  const route = await server.route({ bucket: { name: "falls-behind" }, output: { destination: destination.url } });
  const agent = await runAgent(server, {
    name: "falls-behind",
    buckets: ["falls-behind"],
    args: ["--quiet", "--concurrency", "1", "--window", "16"],
  });
  // Twice the bytes that the server keeps in memory for one output: some must wait in the database while more arrives.
  const { answered } = await post(route, {
    count: 300,
    perSecond: 1_000,
    inOrder: true,
    body: Buffer.alloc(128 * 1024),
  });
  await destination.allArrived(answered, 20_000);
  expect(outOfOrder(destination)).toEqual([]);
  await agent.close();
  await destination.stop();
}, 40_000);

interface Batch {
  readonly count: number;
  readonly perSecond: number;
  readonly inOrder?: boolean;
  readonly body?: Buffer;
}

/** Posts webhooks at a rate and resolves when all are answered, every one with 200. */
async function post(route: Route, { count, ...options }: Batch) {
  const sentAt = new Map<number, number>();
  const load = startLoad({
    url: () => server.at.http + route.path,
    onSend: (sequence) => sentAt.set(sequence, performance.now()),
    count,
    ...options,
  });
  await waitFor("the load", () => load.result.sent === count, { timeoutMs: 30_000 });
  const { answered, refused } = await load.stop();
  expect(refused).toEqual([]);
  return { answered, sentAt };
}

/** Arrivals with a lower number than one before. */
function outOfOrder({ arrivals }: RecordingDestination): string[] {
  const wrong: string[] = [];
  let highest = -1;
  for (const { sequence } of arrivals) {
    if (sequence < highest) wrong.push(`${sequence} after ${highest}`);
    highest = Math.max(highest, sequence);
  }
  return wrong.slice(0, 20);
}
