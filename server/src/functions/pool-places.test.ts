import fc from "fast-check";
import { expect, it } from "vitest";
import { mayRun, mayStart, type PoolPlace, type WorkerState } from "./pool-places.js";

const SIZE = { computing: 2, perBucket: 1, extra: 4 };
const place = (state: WorkerState, bucketId: string): PoolPlace => ({ state, bucketId });

it("workers that stand still make room for others, up to a number", () => {
  const waiting = (number: number) => Array.from({ length: number }, () => place("waiting", "a"));
  expect(mayStart(waiting(1), SIZE)).toBe(true);
  expect(mayStart([place("idle", "a"), place("idle", "b")], SIZE)).toBe(false);
  expect(mayStart([place("idle", "a"), ...waiting(1)], SIZE)).toBe(true);
  expect(mayStart(waiting(5), SIZE)).toBe(true);
  expect(mayStart(waiting(6), SIZE)).toBe(false);
});

it("threat: a bucket that makes all its runs wait leaves as many places to others as there usually are", () => {
  const places: PoolPlace[] = [];
  while (mayRun("bad", places, SIZE)) places.push(place("waiting", "bad"));
  expect(places).toHaveLength(SIZE.extra);
  expect(mayRun("good", places, SIZE)).toBe(true);
  expect(mayStart(places, SIZE)).toBe(true);
});

it("never more workers than there may be, whatever happens in which order", () => {
  const step = fc.record({ bucketId: fc.constantFrom("a", "b", "c"), to: fc.constantFrom("waiting", "idle") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const places: { state: WorkerState; bucketId: string | undefined }[] = [];
      for (const { bucketId, to } of steps) {
        if (mayRun(bucketId, places, SIZE)) {
          let free = places.find(({ state }) => state === "idle");
          if (free === undefined && mayStart(places, SIZE)) {
            free = { state: "idle", bucketId: undefined };
            places.push(free);
          }
          if (free !== undefined) Object.assign(free, { state: "computing", bucketId });
        }
        const running = places.find((one) => one.bucketId === bucketId && one.state !== "idle");
        if (running !== undefined) running.state = to as WorkerState;
        expect(places.length).toBeLessThanOrEqual(SIZE.computing + SIZE.extra);
        expect(places.filter(({ state }) => state === "computing").length).toBeLessThanOrEqual(SIZE.computing);
      }
    }),
  );
});
