import fc from "fast-check";
import { expect, test } from "vitest";
import { ResendAllowance } from "./resend-allowance.js";

/** Spends all it may for so long, with a timer that is late by up to `lateMs`; returns the moments of what was sent. */
function run(perSecond: number, forMs: number, late: (step: number) => number): number[] {
  const allowance = new ResendAllowance(perSecond, 0);
  const sent: number[] = [];
  let now = 0;
  for (let step = 0; now < forMs; step += 1) {
    const { count, againMs } = allowance.at(now);
    if (count === 0) {
      now += againMs + late(step);
      continue;
    }
    allowance.spend(count);
    for (let i = 0; i < count; i += 1) sent.push(now);
  }
  return sent;
}

test.each([1, 3, 10, 100, 1_000, 10_000])("%d per second is what it sends when timers are on time", (perSecond) => {
  const sent = run(perSecond, 10_000, () => 0);
  expect(sent.length).toBeGreaterThan(perSecond * 10 * 0.95 - 1);
  expect(sent.length).toBeLessThanOrEqual(perSecond * 10 * 1.05 + 2);
});

test("never more than the rate and a fifth of a second of it, in any second, however late the timers are", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.nat(700), { minLength: 1, maxLength: 20 }),
      (perSecond, delays) => {
        const sent = run(perSecond, 5_000, (step) => delays[step % delays.length] ?? 0);
        let from = 0;
        for (let to = 0; to < sent.length; to += 1) {
          while ((sent[to] ?? 0) - (sent[from] ?? 0) >= 1_000) from += 1;
          expect(to - from + 1).toBeLessThanOrEqual(perSecond * 1.2 + 2);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("it sends the first at once", () => {
  expect(new ResendAllowance(1, 5).at(5)).toEqual({ count: 1, againMs: 0 });
});
