import { expect, it } from "vitest";
import { BoundedCache } from "./bounded-cache.js";

it("forgets after its time, and the least recently used first when it is full", () => {
  const cache = new BoundedCache<number>(2, 100);
  cache.set("a", 1, 0);
  cache.set("b", 2, 0);
  expect(cache.get("a", 50)).toBe(1);
  cache.set("c", 3, 50);
  expect([cache.get("a", 60), cache.get("b", 60), cache.get("c", 60)]).toEqual([1, undefined, 3]);
  expect(cache.get("a", 100)).toBeUndefined();
  expect(cache.get("c", 149)).toBe(3);
  expect(cache.get("c", 150)).toBeUndefined();
});
