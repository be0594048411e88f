import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue.js";

test("groups take turns, and within a group the first comes first", () => {
  const queue = new FairQueue<string>({ max: 10, maxPerGroup: 10 });
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(item.slice(0, 1), item);
  const order = Array.from({ length: 7 }, () => queue.shift());
  expect(order).toEqual(["a1", "b1", "c1", "a2", "c2", "a3", undefined]);
});

test("is full as a whole and per group, and has room again after", () => {
  const queue = new FairQueue<number>({ max: 3, maxPerGroup: 2 });
  queue.push("a", 1);
  queue.push("a", 2);
  expect([queue.hasRoom("a"), queue.hasRoom("b")]).toEqual([false, true]);
  queue.push("b", 3);
  expect(queue.hasRoom("c")).toBe(false);
  queue.shift();
  expect([queue.hasRoom("a"), queue.hasRoom("c")]).toEqual([true, true]);
});
