import fc from "fast-check";
import { expect, test } from "vitest";
import { cronSettings } from "../attributes/cron-settings.js";
import { cronStep } from "./cron-step.js";
import { nextRun } from "./next-run.js";

const T0 = Date.parse("2026-11-24T12:00:00Z");

function minutely(own: object = {}) {
  return cronSettings({ schedule: "* * * * *", start_within: 60, ...own });
}

/** Steps until nothing is due, as a server does; the times at which runs were due, with a mark on caught-up ones. */
function stepsAt(settings: ReturnType<typeof minutely>, dueMs: number | null, nowMs: number) {
  const runs: string[] = [];
  let at = dueMs;
  while (at !== null && at <= nowMs) {
    const step = cronStep(settings, at, nowMs);
    if (step.kind === "run")
      runs.push(`${new Date(at).toISOString().slice(11, 16)}${step.caughtUp ? " caught up" : ""}`);
    at = step.nextMs;
  }
  return { runs, nextMs: at };
}

test("a due run is made at its time, and the next is a minute later", () => {
  expect(cronStep(minutely(), T0, T0 + 20)).toEqual({ kind: "run", caughtUp: false, nextMs: T0 + 60_000 });
});

test("after a pause that is shorter than start_within every run is made", () => {
  const settings = minutely({ start_within: 300 });
  expect(stepsAt(settings, T0, T0 + 185_000).runs).toEqual(["12:00", "12:01", "12:02", "12:03"]);
});

test("skip leaves out what was missed, and makes what is not too late", () => {
  const { runs, nextMs } = stepsAt(minutely(), T0, T0 + 600_000 + 5_000);
  expect(runs).toEqual(["12:10"]);
  expect(nextMs).toBe(T0 + 660_000);
  expect(stepsAt(minutely({ schedule: "0 12 * * *" }), T0, T0 + 61_000)).toEqual({ runs: [], nextMs: T0 + 86_400_000 });
});

test("once makes one run for all that was missed", () => {
  const { runs, nextMs } = stepsAt(minutely({ missed: "once" }), T0, T0 + 600_000 + 5_000);
  expect(runs).toEqual(["12:00 caught up"]);
  expect(nextMs).toBe(T0 + 660_000);
});

test("what runs once is over after its run, and waits for another time when that was missed and skipped", () => {
  const once = { recurring: false, schedule: "0 12 * * *" };
  expect(cronStep(minutely(once), T0, T0)).toMatchObject({ kind: "run", nextMs: null });
  expect(cronStep(minutely(once), T0, T0 + 90_000)).toEqual({ kind: "skip", nextMs: T0 + 86_400_000 });
  expect(cronStep(minutely({ ...once, missed: "once" }), T0, T0 + 90_000)).toMatchObject({ kind: "run", nextMs: null });
});

test("with a clock that jumps to and fro no due time comes twice, and the next one is always to come", () => {
  const jump = fc.integer({ min: -7_200_000, max: 7_200_000 });
  const settings = fc.record({
    schedule: fc.constantFrom("@every 1s", "@every 7m", "* * * * *", "*/5 * * * *", "30 2 * * *"),
    timezone: fc.constantFrom("UTC", "Europe/Berlin"),
    missed: fc.constantFrom("skip", "once"),
    start_within: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(settings, fc.array(jump, { minLength: 1, maxLength: 6 }), (own, jumps) => {
      const all = cronSettings(own);
      // Around the end of daylight-saving time.
      let now = Date.parse("2026-10-25T00:45:00Z");
      let due = nextRun(all, now);
      const ran = new Set<number>();
      for (const by of jumps) {
        now += by;
        for (let steps = 0; due !== null && due <= now; steps += 1) {
          expect(steps).toBeLessThanOrEqual(62);
          const step = cronStep(all, due, now);
          if (step.kind === "run") {
            expect(ran).not.toContain(due);
            ran.add(due);
          }
          expect(step.nextMs).toBeGreaterThan(due);
          due = step.nextMs;
        }
      }
    }),
    { numRuns: 60 },
  );
});
