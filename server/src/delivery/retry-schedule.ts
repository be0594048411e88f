import { durationMs } from "@relay/provider-schema";
import type { Settings } from "../attributes/settings.js";

/** When failed deliveries of an output are tried again. */
export interface RetrySchedule {
  /** Milliseconds before the retry of this number, from 0; undefined when there is none. */
  delayMs(retry: number, random: () => number): number | undefined;
  /** Milliseconds after a delivery was made at which it ends, whatever the schedule says. */
  readonly deadlineMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Share by which a delay is longer or shorter, so that what failed together does not come back together. */
const JITTER = 0.2;

const FIRST_MS = 5 * SECOND;
const LONGEST_MS = HOUR;

const PRESETS: Readonly<Record<string, readonly number[]>> = {
  none: [],
  // About 26 minutes.
  seconds: [5, 10, 20, 30, 60, 120, 240, 480, 600].map((seconds) => seconds * SECOND),
  // About 16 hours.
  medium: [1, 5, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * MINUTE),
  // About 30 days.
  long: [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, ...Array<number>(29).fill(DAY)],
};

/** Beyond the sum of the delays, for the calls themselves. */
const SLACK_MS = HOUR;

/**
 * The schedule that the setting `retry` of an output means; undefined for `default` on an internal output, where the agent's
 * own retries are all there is.
 */
export function retrySchedule(retry: Settings, internal: boolean): RetrySchedule | undefined {
  const name = String(retry.schedule ?? "default");
  const given = typeof retry.deadline === "string" && retry.deadline !== "" ? durationMs(retry.deadline) : undefined;
  if (name === "default") return internal ? undefined : exponential(given ?? DAY);
  if (name !== "custom") return listed(PRESETS[name] ?? [], { jitter: JITTER, deadlineMs: given });
  const delays = Array.isArray(retry.delays) ? retry.delays.map((delay) => durationMs(String(delay)) ?? 0) : [];
  return listed(delays, { jitter: 0, deadlineMs: given });
}

function exponential(deadlineMs: number): RetrySchedule {
  return {
    delayMs: (retry, random) => spread(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(retry, 30)), JITTER, random),
    deadlineMs,
  };
}

function listed(
  delays: readonly number[],
  { jitter, deadlineMs }: { jitter: number; deadlineMs: number | undefined },
): RetrySchedule {
  const sum = delays.reduce((total, delay) => total + delay, 0);
  return {
    delayMs: (retry, random) => {
      const delay = delays[retry];
      return delay === undefined ? undefined : spread(delay, jitter, random);
    },
    deadlineMs: deadlineMs ?? sum * (1 + jitter) + SLACK_MS,
  };
}

function spread(delay: number, jitter: number, random: () => number): number {
  return Math.round(delay * (1 - jitter + 2 * jitter * random()));
}
