import fc from "fast-check";
import { expect, test } from "vitest";
import { drainedLane } from "../../test/support/drained-lane.js";
import { sampleDelivery } from "../../test/support/sample-delivery.js";
import type { HeldDelivery } from "./held-delivery.js";
import { type LaneConsumer, QUEUE_LIMIT } from "./lane.js";

/** An agent with credit by count and bytes that keeps to the lane's contract and complains when the lane does not. */
class Agent implements LaneConsumer {
  readonly inHand: HeldDelivery[] = [];
  readonly #taken: HeldDelivery[];
  readonly #window: number;
  readonly #windowBytes: number;

  constructor(taken: HeldDelivery[], window: number, windowBytes: number) {
    this.#taken = taken;
    this.#window = window;
    this.#windowBytes = windowBytes;
  }

  free(): number {
    const bytes = this.inHand.reduce((sum, each) => sum + each.request.length, 0);
    return bytes >= this.#windowBytes ? 0 : Math.max(0, this.#window - this.inHand.length);
  }

  take(each: HeldDelivery): void {
    if (this.free() === 0) throw new Error("handed out without credit");
    this.inHand.push(each);
    this.#taken.push(each);
  }
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("push" as const), size: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("elsewhere" as const), size: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("claim" as const), size: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("claimed" as const), size: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("pump" as const), size: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("ack" as const), size: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("attach" as const), size: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("detach" as const), size: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain" as const), size: fc.nat(1) }) },
);

test("no delivery is lost, doubled, reordered or handed out without credit, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const lane = drainedLane();
      const taken: HeldDelivery[] = [];
      const drained: HeldDelivery[] = [];
      // What waits in the database: taken by other servers, or written as waiting.
      const database: HeldDelivery[] = [];
      let claim: { deliveries: HeldDelivery[]; drained: boolean; mark: number } | undefined;
      let next = 0;
      const make = (size: number) => {
        next += 1;
        return sampleDelivery(next, size);
      };
      const startClaim = (limit: number) => {
        const deliveries = database.splice(0, limit);
        claim = { deliveries, drained: deliveries.length < limit, mark: lane.backlogMark };
        lane.claiming = true;
      };
      const endClaim = () => {
        if (claim !== undefined) lane.claimed(claim.deliveries, claim);
        claim = undefined;
      };
      for (const { kind, size } of steps) {
        switch (kind) {
          case "push":
            lane.push(make(size));
            break;
          case "elsewhere":
            database.push(make(size));
            lane.markBacklog();
            break;
          case "claim":
            if (claim === undefined) startClaim(size);
            break;
          case "claimed":
            endClaim();
            break;
          case "pump":
            lane.pump();
            break;
          case "ack":
            for (const consumer of lane.consumers) (consumer as Agent).inHand.splice(0, size);
            break;
          case "attach":
            lane.consumers.push(new Agent(taken, size, size * 12));
            break;
          case "detach":
            lane.consumers.splice(size, 1);
            break;
          case "drain":
            drained.push(...lane.drain());
            break;
        }
      }
      const elsewhere = database.length + (claim?.deliveries.length ?? 0);
      expect(lane.queued).toBe(next - taken.length - drained.length - elsewhere);
      // As long as something waits, claiming goes on; then everything has found its way.
      endClaim();
      while (lane.hasBacklog) {
        startClaim(3);
        endClaim();
      }
      lane.consumers.splice(0);
      lane.consumers.push(new Agent(taken, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
      lane.pump();

      const ids = taken.map((each) => each.id);
      expect(ids).toEqual([...ids].sort());
      const everything = [...taken, ...drained].map((each) => each.id).sort();
      expect(everything).toEqual(Array.from({ length: next }, (_, i) => sampleDelivery(i + 1).id));
      expect(lane.handedOut).toBe(taken.length);
      expect([lane.queued, lane.full]).toEqual([0, false]);
    }),
    { numRuns: 300 },
  );
});

test("what is committed while older ones wait in the database goes out behind them", () => {
  const lane = drainedLane();
  const taken: HeldDelivery[] = [];
  lane.consumers.push(new Agent(taken, 10, 1_000));
  lane.markBacklog();
  lane.push(sampleDelivery(3));
  lane.pump();
  expect(taken).toEqual([]);
  lane.claimed([sampleDelivery(1), sampleDelivery(2)], { drained: true, mark: lane.backlogMark });
  lane.pump();
  expect(taken.map((each) => each.id)).toEqual([1, 2, 3].map((each) => sampleDelivery(each).id));
});

test("what is nowhere but in memory waits for no claim", () => {
  const lane = drainedLane();
  const taken: HeldDelivery[] = [];
  lane.consumers.push(new Agent(taken, 10, 1_000));
  lane.markBacklog();
  lane.push({ ...sampleDelivery(1), ephemeral: true });
  lane.pump();
  expect(taken).toHaveLength(1);
});

test("the byte credit holds for the last delivery of a burst too", () => {
  const lane = drainedLane();
  const taken: HeldDelivery[] = [];
  lane.consumers.push(new Agent(taken, 2, 10));
  lane.push(sampleDelivery(1, 10));
  lane.push(sampleDelivery(2, 10));
  lane.pump();
  expect(taken).toHaveLength(1);
});

test("the agent with most credit gets the next one", () => {
  const lane = drainedLane();
  const small: HeldDelivery[] = [];
  const large: HeldDelivery[] = [];
  lane.consumers.push(new Agent(small, 2, 1_000_000), new Agent(large, 10, 1_000_000));
  for (let i = 0; i < 12; i += 1) lane.push(sampleDelivery(i));
  lane.pump();
  expect([small.length, large.length]).toEqual([2, 10]);
});

test("a lane is full by count, by bytes and by what is reserved, and recovers", () => {
  const byCount = drainedLane();
  for (let i = 0; i < QUEUE_LIMIT; i += 1) byCount.reserve();
  expect(byCount.full).toBe(true);
  byCount.unreserve();
  expect(byCount.full).toBe(false);

  const byBytes = drainedLane();
  for (let i = 0; i < 4; i += 1) byBytes.push(sampleDelivery(i, 4 * 1024 * 1024));
  expect(byBytes.full).toBe(true);
  byBytes.shift();
  expect(byBytes.full).toBe(false);
});

test("a lane nobody serves is not live; a served one is live once a claim found nothing more", () => {
  const lane = drainedLane();
  expect(lane.live).toBe(false);
  lane.startResuming();
  lane.consumers.push(new Agent([], 10, 1000));
  expect(lane.live).toBe(false);
  lane.claimed([], { drained: true, mark: lane.backlogMark });
  expect([lane.live, lane.resuming, lane.hasBacklog]).toEqual([true, false, false]);
});

test("news that comes while a claim runs is not taken for claimed", () => {
  const lane = drainedLane();
  lane.consumers.push(new Agent([], 10, 1000));
  const mark = lane.backlogMark;
  lane.claiming = true;
  lane.markBacklog();
  lane.claimed([], { drained: true, mark });
  expect(lane.hasBacklog).toBe(true);
});
