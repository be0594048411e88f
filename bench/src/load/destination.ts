import type { AddressInfo } from "node:net";
import { nowMicros } from "../measure/clock.js";
import { serveParent } from "../processes/rpc.js";
import { createArrivals, type SequenceRange } from "./arrivals.js";
import { createDestinationServer } from "./destination-server.js";

/** The destination's process: takes what the agent delivers and keeps the books. */
const arrivals = createArrivals();
let sleepEvery = 0;
let sleepMs = 0;

const isSlow = (sequence: number) => sleepEvery > 0 && sequence % sleepEvery === 0;
const server = createDestinationServer(({ head }) => {
  const sequence = arrivals.record(head, nowMicros(), isSlow);
  return sequence >= 0 && isSlow(sequence) ? sleepMs : 0;
});

serveParent({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    }),
  begin: (options: { firstSequence: number; trace: boolean }) => arrivals.begin(options),
  report: () => arrivals.report(),
  missing: (range: SequenceRange) => arrivals.missing(range),
  sleepy: (options: { every: number; ms: number }) => {
    sleepEvery = options.every;
    sleepMs = options.ms;
  },
});
