import fc from "fast-check";
import { expect, it } from "vitest";
import { BucketTurns } from "./bucket-turns.js";

const limits = { waitingPerBucket: 3, waiting: 5, waitingBytesPerBucket: 10 };
const item = (bucketId: string, name: string, bytes = 1) => ({ bucketId, bytes, name });

it("buckets take turns, each in its own order, and one with its share is passed over", () => {
  const turns = new BucketTurns<ReturnType<typeof item>>(limits);
  for (const one of [item("a", "a1"), item("a", "a2"), item("b", "b1"), item("a", "a3")]) turns.push(one);
  expect(turns.next((bucketId) => bucketId !== "a")?.name).toBe("b1");
  expect([turns.next(() => true)?.name, turns.next(() => true)?.name]).toEqual(["a1", "a2"]);
  expect(turns.next(() => false)).toBeUndefined();
  expect(turns.size).toBe(1);
});

it("has room by number, by bytes and as a whole; one item has room whatever its size", () => {
  const turns = new BucketTurns<ReturnType<typeof item>>(limits);
  expect(turns.hasRoom(item("a", "", 99))).toBe(true);
  turns.push(item("a", "1", 8));
  expect([turns.hasRoom(item("a", "", 2)), turns.hasRoom(item("a", "", 3))]).toEqual([true, false]);
  for (const bucketId of ["a", "a", "b", "b"]) turns.push(item(bucketId, "", 0));
  expect([turns.hasRoom(item("a", "", 0)), turns.hasRoom(item("c", "", 0))]).toEqual([false, false]);
});

it("gives everything that was pushed and not removed, once", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean())), (given) => {
      const turns = new BucketTurns<ReturnType<typeof item>>();
      const items = given.map(([bucketId], at) => item(bucketId, String(at)));
      for (const one of items) turns.push(one);
      const removed = items.filter((_, at) => given[at]?.[1]);
      for (const one of removed) turns.remove(one);
      const got: string[] = [];
      for (let next = turns.next(() => true); next !== undefined; next = turns.next(() => true)) got.push(next.name);
      expect(got.sort()).toEqual(
        items
          .filter((one) => !removed.includes(one))
          .map((one) => one.name)
          .sort(),
      );
      expect(turns.size).toBe(0);
    }),
  );
});
