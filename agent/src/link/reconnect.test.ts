import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterEnding, FIRST_CONNECTION, jitteredDelayMs, LONGEST_DELAY_MS, STABLE_AFTER_MS } from "./reconnect.js";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const lost = { welcomedForMs: null, askedDelayMs: null, atOnce: false };

describe("reconnecting", () => {
  test("waits a random time below a ceiling that doubles from 250 ms to 30 s", () => {
    expect([0, 1, 2, 6, 7, 1000].map((failures) => jitteredDelayMs(failures, 1))).toEqual([
      250, 500, 1000, 16000, 30000, 30000,
    ]);
    fc.assert(
      fc.property(fc.nat(), random, (failures, chance) => {
        const delay = jitteredDelayMs(failures, chance);
        return delay >= 0 && delay <= LONGEST_DELAY_MS && delay <= 250 * 2 ** Math.min(failures, 7);
      }),
    );
  });

  test("never gives up, however often it fails", () => {
    let state = FIRST_CONNECTION;
    for (let i = 0; i < 10_000; i += 1) {
      const next = afterEnding(state, lost, 0.999);
      state = next.state;
      expect(next.delayMs).toBeLessThanOrEqual(LONGEST_DELAY_MS);
    }
    expect(state.failures).toBe(10_000);
  });

  test("starts from the beginning after a stable session, not after one that broke at once", () => {
    const worn = { failures: 9 };
    const stable = afterEnding(worn, { ...lost, welcomedForMs: STABLE_AFTER_MS }, 0.999);
    expect(stable.delayMs).toBeLessThan(250);
    const flapping = afterEnding(worn, { ...lost, welcomedForMs: STABLE_AFTER_MS - 1 }, 0.999);
    expect(flapping.delayMs).toBeGreaterThan(20_000);
  });

  test("takes the delay that the server asks for as a minimum", () => {
    fc.assert(
      fc.property(fc.nat(120_000), random, fc.nat(20), (askedDelayMs, chance, failures) => {
        const { delayMs } = afterEnding({ failures }, { ...lost, askedDelayMs }, chance);
        return delayMs >= askedDelayMs && delayMs <= askedDelayMs * 1.1 + 250;
      }),
    );
  });

  test("a refused ticket is followed by the secret at once, but not in a busy loop", () => {
    const first = afterEnding(FIRST_CONNECTION, { ...lost, atOnce: true }, 0.9);
    expect(first.delayMs).toBe(0);
    expect(afterEnding(first.state, { ...lost, atOnce: true }, 0.9).delayMs).toBeGreaterThan(0);
  });
});
