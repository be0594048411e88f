import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRetryableStatus, nextAttemptMs } from "./next-attempt.js";
import { retryAfterMs } from "./retry-after.js";
import { type RetrySchedule, retrySchedule } from "./retry-schedule.js";

const middle = () => 0.5;
const unavailable = { statusCode: 503, retryable: true, retryAfterMs: undefined };

function scheduleOf(retry: object, internal = false): RetrySchedule {
  const schedule = retrySchedule(retry as Parameters<typeof retrySchedule>[0], internal);
  if (schedule === undefined) throw new Error("has no schedule");
  return schedule;
}

/** All delays of a delivery whose destination never comes back. */
function delaysOf(schedule: RetrySchedule): number[] {
  const delays: number[] = [];
  let ageMs = 0;
  for (;;) {
    const delay = nextAttemptMs(schedule, unavailable, { retries: delays.length, ageMs, random: middle });
    if (delay === undefined) return delays;
    delays.push(delay);
    ageMs += delay;
  }
}

describe("schedules", () => {
  test("default: exponential, at most an hour apart, for a day", () => {
    const delays = delaysOf(scheduleOf({}));
    expect(delays.slice(0, 5)).toEqual([5_000, 10_000, 20_000, 40_000, 80_000]);
    expect(Math.max(...delays)).toBe(3_600_000);
    const total = delays.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeLessThanOrEqual(86_400_000);
    expect(total).toBeGreaterThan(80_000_000);
  });

  test("an internal output has none by default: its agent tries again itself", () => {
    expect(retrySchedule({}, true)).toBeUndefined();
    expect(retrySchedule({ schedule: "seconds" }, true)).toBeDefined();
  });

  test.each([
    ["seconds", 1_565_000],
    ["medium", 57_060_000],
    ["long", 2_586_960_000],
  ])("%s lasts as long as it says", (schedule, total) => {
    expect(delaysOf(scheduleOf({ schedule })).reduce((sum, delay) => sum + delay, 0)).toBe(total);
  });

  test("none tries once", () => {
    expect(delaysOf(scheduleOf({ schedule: "none" }))).toEqual([]);
  });

  test("custom is kept to the millisecond", () => {
    const schedule = scheduleOf({ schedule: "custom", delays: ["1s", "250ms", "2m"] });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (random) => {
        expect([0, 1, 2, 3].map((retry) => schedule.delayMs(retry, () => random))).toEqual([
          1_000,
          250,
          120_000,
          undefined,
        ]);
      }),
    );
  });

  test("a deadline ends a schedule early", () => {
    expect(delaysOf(scheduleOf({ schedule: "default", deadline: "20s" }))).toEqual([5_000, 10_000]);
  });

  test("jitter keeps within a fifth", () => {
    const schedule = scheduleOf({});
    fc.assert(
      fc.property(fc.nat(20), fc.double({ min: 0, max: 0.999999, noNaN: true }), (retry, random) => {
        const middling = schedule.delayMs(retry, middle) ?? 0;
        const delay = schedule.delayMs(retry, () => random) ?? 0;
        expect(delay).toBeGreaterThanOrEqual(Math.floor(middling * 0.8));
        expect(delay).toBeLessThanOrEqual(Math.ceil(middling * 1.2));
      }),
    );
  });
});

test("an answer that says never is not tried again", () => {
  const statuses = Array.from({ length: 500 }, (_, i) => 100 + i).filter(isRetryableStatus);
  expect(statuses.filter((status) => status < 500)).toEqual([408, 425, 429]);
  expect(statuses).not.toContain(501);
  expect(statuses).toContain(500);
  const schedule = scheduleOf({});
  for (const statusCode of [301, 400, 401, 404, 410, 501]) {
    const failed = { statusCode, retryable: true, retryAfterMs: undefined };
    expect(nextAttemptMs(schedule, failed, { retries: 0, ageMs: 0, random: middle })).toBeUndefined();
  }
});

test("Retry-After is honoured when it is longer, and within the deadline", () => {
  const schedule = scheduleOf({ deadline: "1h" });
  const after = (retryAfterMs: number) =>
    nextAttemptMs(schedule, { ...unavailable, retryAfterMs }, { retries: 0, ageMs: 0, random: middle });
  expect(after(1_000)).toBe(5_000);
  expect(after(60_000)).toBe(60_000);
  expect(after(3_600_001)).toBeUndefined();
});

test("Retry-After is read as seconds and as a date, and nothing else", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");
  expect(retryAfterMs("120", now)).toBe(120_000);
  expect(retryAfterMs("Sun, 06 Nov 1994 08:50:37 GMT", now)).toBe(60_000);
  expect(retryAfterMs("Sun, 06 Nov 1994 08:40:37 GMT", now)).toBe(0);
  for (const text of [undefined, "", "-1", "1.5", "soon", "Nov 1994", "9999999999999"]) {
    expect(retryAfterMs(text, now)).toBeUndefined();
  }
});
