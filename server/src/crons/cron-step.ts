import type { CronSettings } from "../catalog/model.js";
import { nextRun } from "./next-run.js";

/** What to do with a cron that is due, and when it is due next. */
export type CronStep =
  /** `caughtUp`: it stands for everything that was missed since `dueMs`. */
  | { readonly kind: "run"; readonly caughtUp: boolean; readonly nextMs: number | null }
  /** Missed, and nobody wants it any more. */
  | { readonly kind: "skip"; readonly nextMs: number | null };

/**
 * Each due time gets its own run while it is not later than `start_within`; so after a pause of some seconds nothing is
 * left out, and after a long one there is no flood. Times only go forward: each step's next time is after the due one, also
 * when the clock was set back, so no due time comes twice.
 */
export function cronStep(settings: CronSettings, dueMs: number, nowMs: number): CronStep {
  const { recurring, missed, start_within } = settings;
  const oldestMs = nowMs - start_within * 1000;
  if (dueMs >= oldestMs) {
    return { kind: "run", caughtUp: false, nextMs: recurring ? nextRun(settings, dueMs) : null };
  }
  switch (missed) {
    case "once":
      return { kind: "run", caughtUp: true, nextMs: recurring ? nextRun(settings, nowMs) : null };
    case "skip":
      return { kind: "skip", nextMs: nextRun(settings, oldestMs - 1) };
  }
}
