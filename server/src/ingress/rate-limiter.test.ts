import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limiter.js";

test("never lets more pass than the burst and what the rate gave since, whatever the rhythm", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { maxLength: 300 }),
      (perSecond, burst, gaps) => {
        const limiter = new RateLimiter({ perSecond, burst });
        const passed: number[] = [];
        let now = 1_000;
        for (const gap of gaps) {
          now += gap;
          if (limiter.take("b", now) === 0) passed.push(now);
        }
        // In every window, not only since the start.
        for (let from = 0; from < passed.length; from += 1) {
          const start = passed[from] ?? 0;
          for (let to = from; to < passed.length; to += 1) {
            const seconds = ((passed[to] ?? 0) - start) / 1000;
            if (to - from + 1 > burst + perSecond * seconds + 1e-6) throw new Error("too many passed");
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("who waits as long as told gets through", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 20 }), (perSecond, burst) => {
      const limiter = new RateLimiter({ perSecond, burst });
      let now = 0;
      for (let i = 0; i < burst; i += 1) expect(limiter.take("b", now)).toBe(0);
      const wait = limiter.take("b", now);
      expect(Number.isInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThanOrEqual(1);
      now += wait * 1000;
      expect(limiter.take("b", now)).toBe(0);
    }),
  );
});

test("one subject's flood takes nothing from another", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  expect(limiter.take("a", 0)).toBe(0);
  expect(limiter.take("a", 0)).toBe(1);
  expect(limiter.take("b", 0)).toBe(0);
});

test("strangers that make names up share a bounded number of allowances", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  const subjects = new Set<string>();
  for (let i = 0; i < 50_000; i += 1) subjects.add(limiter.strangerSubject(`made up ${i}`));
  expect(subjects.size).toBeLessThanOrEqual(4_096);
  expect(limiter.strangerSubject("x".repeat(1_000_000))).toMatch(/^stranger \d+$/);
});

test("a deleted bucket's allowance is forgotten, a stranger's is not", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  const stranger = limiter.strangerSubject("x");
  for (const subject of ["gone", "kept", stranger]) limiter.take(subject, 0);
  limiter.keepOnly((subject) => subject === "kept");
  expect(limiter.take("gone", 0)).toBe(0);
  expect(limiter.take("kept", 0)).toBe(1);
  expect(limiter.take(stranger, 0)).toBe(1);
});
