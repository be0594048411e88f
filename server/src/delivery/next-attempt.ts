import type { RetrySchedule } from "./retry-schedule.js";

/** How an attempt ended that did not deliver. */
export interface FailedAttempt {
  /** 0 when there was no answer. */
  readonly statusCode: number;
  /** Of a failure without an answer: whether another attempt may fare better. */
  readonly retryable: boolean;
  /** What the destination asked for by `Retry-After`; undefined when it did not. */
  readonly retryAfterMs: number | undefined;
}

export interface DeliveryAge {
  /** Retries so far. */
  readonly retries: number;
  /** Milliseconds since the delivery was made. */
  readonly ageMs: number;
}

/** Statuses below 500 that say "not now" instead of "not ever" (RFC 9110, RFC 8470, RFC 6585). */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);
/** The destination will never know this method (RFC 9110 section 15.6.2). */
const NOT_IMPLEMENTED = 501;

/** True for an answer after which another attempt may fare better. */
export function isRetryableStatus(statusCode: number): boolean {
  return LATER.has(statusCode) || (statusCode >= 500 && statusCode !== NOT_IMPLEMENTED);
}

/** Milliseconds until the next attempt; undefined when there is none and the delivery has failed for good. */
export function nextAttemptMs(
  schedule: RetrySchedule,
  failed: FailedAttempt,
  { retries, ageMs, random }: DeliveryAge & { random: () => number },
): number | undefined {
  const retryable = failed.statusCode === 0 ? failed.retryable : isRetryableStatus(failed.statusCode);
  if (!retryable) return undefined;
  const scheduled = schedule.delayMs(retries, random);
  if (scheduled === undefined) return undefined;
  const delay = Math.max(scheduled, failed.retryAfterMs ?? 0);
  return ageMs + delay > schedule.deadlineMs ? undefined : delay;
}
