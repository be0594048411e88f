import fc from "fast-check";
import { expect, test } from "vitest";
import { createHistogram } from "./histogram.js";

test("a percentile is never below the exact one and at most 1 % above it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60_000_000 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, fraction) => {
        const histogram = createHistogram();
        for (const value of values) histogram.record(value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(sorted.length * fraction) - 1] ?? 0;
        expect(histogram.percentile(fraction)).toBeGreaterThanOrEqual(exact);
        expect(histogram.percentile(fraction)).toBeLessThanOrEqual(exact * 1.01 + 1);
      },
    ),
  );
});

test("counts what is above a limit, and forgets on reset", () => {
  const histogram = createHistogram();
  for (const micros of [10, 1_000, 2_000_000, 3_000_000]) histogram.record(micros);
  expect(histogram.countAbove(1_000_000)).toBe(2);
  expect(histogram.summary()).toMatchObject({ count: 4, max: 3_000 });
  histogram.reset();
  expect(histogram.summary()).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
});
