import { parseSchedule } from "@relay/provider-schema";
import { Cron } from "croner";
import type { CronSettings } from "../catalog/model.js";

/** What says when a cron runs. */
export type CronTiming = Pick<CronSettings, "schedule" | "timezone" | "starts_at" | "ends_at">;

/**
 * The first time after `afterMs` at which the schedule says to run, in Unix milliseconds; null when there is none any more.
 *
 * Where clocks change, as cron does (Vixie; man 8 cron): a schedule whose minute and hour are without `*` and `/` runs once
 * a day, at the end of the gap when its time is skipped, at the first of the two when it comes twice. Others follow the
 * clock on the wall: nothing runs in a gap, and a time that comes twice runs twice. `@every` knows no wall.
 */
export function nextRun({ schedule, timezone, starts_at, ends_at }: CronTiming, afterMs: number): number | null {
  const startsMs = starts_at === "" ? undefined : Date.parse(starts_at);
  const afterStart = startsMs === undefined ? afterMs : Math.max(afterMs, startsMs - 1);
  const parsed = parseSchedule(schedule);
  // Checked at the edge; a newer server may know more, and this one must not fall over it.
  if (parsed.kind === "wrong") return null;
  const next =
    parsed.kind === "every"
      ? nextOnGrid(startsMs ?? 0, parsed.seconds * 1000, afterStart)
      : nextByFields(parsed.pattern, timezone, afterStart);
  if (next === null || (ends_at !== "" && next > Date.parse(ends_at))) return null;
  return next;
}

/** A grid has no drift, and every server computes the same one. */
function nextOnGrid(anchorMs: number, periodMs: number, afterMs: number): number {
  return anchorMs + (Math.floor((afterMs - anchorMs) / periodMs) + 1) * periodMs;
}

function nextByFields(pattern: string, timezone: string, afterMs: number): number | null {
  const cron = new Cron(pattern, { mode: "5-part", fixedTimeRule: "no-wildcard", timezone, paused: true });
  return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
}
