import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import { afterEach, expect, test } from "vitest";
import { nowMicros } from "../measure/clock.js";
import { createArrivals } from "./arrivals.js";
import { createDestinationServer } from "./destination-server.js";
import { type LoadOptions, runLoad } from "./run-load.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const LOAD: Omit<LoadOptions, "port"> = {
  host: "127.0.0.1",
  path: "/v1/webhooks/x",
  payload: "1k",
  durationMs: 200,
  firstSequence: 1_000,
  connections: 4,
  rate: 0,
};

async function destination(delayMs: (sequence: number) => number = () => 0) {
  const arrivals = createArrivals();
  arrivals.begin({ firstSequence: LOAD.firstSequence, trace: false });
  const server = createDestinationServer(({ head }) => delayMs(arrivals.record(head, nowMicros(), () => false)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return { arrivals, port: (server.address() as AddressInfo).port };
}

test("a closed loop sends whole numbers, all of which arrive and are answered", async () => {
  const { arrivals, port } = await destination();
  const result = await runLoad({ ...LOAD, port });
  expect(result).toMatchObject({ answered: result.sent, refused: {}, errors: 0, unanswered: [] });
  expect(result.sent).toBeGreaterThan(20);
  expect(arrivals.report()).toMatchObject({ distinct: result.sent, duplicates: 0, unreadable: 0, late: 0 });
  expect(arrivals.missing({ first: LOAD.firstSequence, count: result.sent + 1, except: [] })).toEqual([
    LOAD.firstSequence + result.sent,
  ]);
});

test("an open loop keeps its rate and does not hide a slow server's latency", async () => {
  const { port } = await destination(() => 120);
  const result = await runLoad({ ...LOAD, port, rate: 200, connections: 1, durationMs: 400 });
  expect(result.sent + result.unsent).toBe(80);
  expect(result.unsent).toBeLessThanOrEqual(2);
  expect(result.latency.p50).toBeGreaterThanOrEqual(110);
});

test("what is refused or cut off is not counted as answered", async () => {
  const app = fastify();
  let requests = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post("/v1/webhooks/*", (request, reply) => {
    requests += 1;
    if (requests % 5 === 0) request.raw.socket.destroy();
    else reply.code(requests % 7 === 0 ? 503 : 200).send();
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  closers.push(() => app.close());
  const result = await runLoad({ ...LOAD, port: (app.server.address() as AddressInfo).port });
  expect(result.errors).toBeGreaterThan(0);
  expect(result.refused["503"]).toBeGreaterThan(0);
  expect(result.sent).toBe(result.answered + result.unanswered.length);
});
