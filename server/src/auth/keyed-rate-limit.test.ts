import { expect, it } from "vitest";
import { KeyedRateLimit } from "./keyed-rate-limit.js";

it("lets a burst pass, then one per interval, per key", () => {
  const limit = new KeyedRateLimit({ burst: 3, perSecond: 0.1 });
  for (let i = 0; i < 3; i += 1) {
    expect(limit.waitSeconds("a", 0)).toBe(0);
    limit.take("a", 0);
  }
  expect(limit.waitSeconds("a", 0)).toBe(10);
  expect(limit.waitSeconds("b", 0)).toBe(0);
  expect(limit.waitSeconds("a", 9_000)).toBe(1);
  expect(limit.waitSeconds("a", 10_000)).toBe(0);
});

it("threat: memory filled by inventing keys; the oldest are forgotten", () => {
  const limit = new KeyedRateLimit({ burst: 1, perSecond: 0.001, maxKeys: 2 });
  for (const key of ["a", "b", "c"]) limit.take(key, 0);
  expect(limit.waitSeconds("a", 0)).toBe(0);
  expect(limit.waitSeconds("b", 0)).toBeGreaterThan(0);
  expect(limit.waitSeconds("c", 0)).toBeGreaterThan(0);
});
