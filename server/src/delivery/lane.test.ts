import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeldDelivery } from "./held-delivery.js";
import { Lane, type LaneConsumer, QUEUE_LIMIT } from "./lane.js";

function delivery(number: number, size = 10): HeldDelivery {
  return {
    id: String(number).padStart(8, "0"),
    idBytes: new Uint8Array(16),
    webhookId: "w",
    bucketId: "b",
    attempt: 1,
    receivedAtMs: 0,
    request: new Uint8Array(size),
    ephemeral: false,
  };
}

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

function newLane(): Lane {
  return new Lane({ outputId: "o", bucketId: "b", agentId: 0 });
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("push" as const), size: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("claim" as const), size: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("claimed" as const), size: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("pump" as const), size: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("ack" as const), size: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("attach" as const), size: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("detach" as const), size: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain" as const), size: fc.nat(1) }) },
);

test("no delivery is lost, doubled, reordered or handed out without credit, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const lane = newLane();
      const taken: HeldDelivery[] = [];
      const drained: HeldDelivery[] = [];
      let next = 0;
      let claiming: HeldDelivery[] | undefined;
      let mark = 0;
      let bytes = 0;
      const make = (size: number) => {
        next += 1;
        return delivery(next, size);
      };
      for (const { kind, size } of steps) {
        switch (kind) {
          case "push":
            lane.push(make(size));
            break;
          case "claim":
            if (claiming !== undefined) break;
            // What was claimed waited in the database since before anything that comes from now on.
            claiming = Array.from({ length: size }, () => make(size));
            mark = lane.backlogMark;
            lane.claiming = true;
            break;
          case "claimed":
            if (claiming === undefined) break;
            lane.claimed(claiming, { drained: size === 1, mark });
            claiming = undefined;
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
      const expectedQueued = next - taken.length - drained.length - (claiming?.length ?? 0);
      expect(lane.queued).toBe(expectedQueued);
      if (claiming !== undefined) lane.claimed(claiming, { drained: true, mark });
      lane.consumers.splice(0);
      lane.consumers.push(new Agent(taken, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
      lane.pump();

      const ids = taken.map((each) => each.id);
      expect(ids).toEqual([...ids].sort());
      const everything = [...taken, ...drained].map((each) => each.id).sort();
      expect(everything).toEqual(Array.from({ length: next }, (_, i) => delivery(i + 1).id));
      expect(lane.handedOut).toBe(taken.length);
      bytes = lane.queued;
      expect(bytes).toBe(0);
      expect(lane.full).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test("the byte credit holds for the last delivery of a burst too", () => {
  const lane = newLane();
  const taken: HeldDelivery[] = [];
  lane.consumers.push(new Agent(taken, 2, 10));
  lane.push(delivery(1, 10));
  lane.push(delivery(2, 10));
  lane.pump();
  expect(taken).toHaveLength(1);
});

test("the agent with most credit gets the next one", () => {
  const lane = newLane();
  const small: HeldDelivery[] = [];
  const large: HeldDelivery[] = [];
  lane.consumers.push(new Agent(small, 2, 1_000_000), new Agent(large, 10, 1_000_000));
  for (let i = 0; i < 12; i += 1) lane.push(delivery(i));
  lane.pump();
  expect([small.length, large.length]).toEqual([2, 10]);
});

test("a lane is full by count, by bytes and by what is reserved, and recovers", () => {
  const byCount = newLane();
  for (let i = 0; i < QUEUE_LIMIT; i += 1) byCount.reserve();
  expect(byCount.full).toBe(true);
  byCount.unreserve();
  expect(byCount.full).toBe(false);

  const byBytes = newLane();
  for (let i = 0; i < 4; i += 1) byBytes.push(delivery(i, 4 * 1024 * 1024));
  expect(byBytes.full).toBe(true);
  byBytes.shift();
  expect(byBytes.full).toBe(false);
});

test("a lane nobody serves is not live; a served one is live once a claim found nothing more", () => {
  const lane = newLane();
  expect(lane.live).toBe(false);
  lane.startResuming();
  lane.consumers.push(new Agent([], 10, 1000));
  expect(lane.live).toBe(false);
  lane.claimed([], { drained: true, mark: lane.backlogMark });
  expect([lane.live, lane.resuming, lane.hasBacklog]).toEqual([true, false, false]);
});

test("news that comes while a claim runs is not taken for claimed", () => {
  const lane = newLane();
  lane.consumers.push(new Agent([], 10, 1000));
  const mark = lane.backlogMark;
  lane.claiming = true;
  lane.markBacklog();
  lane.claimed([], { drained: true, mark });
  expect(lane.hasBacklog).toBe(true);
});
