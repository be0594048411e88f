import { setTimeout as delay } from "node:timers/promises";
import { KeyUnavailableError } from "../key-unavailable-error.js";

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_500;

/** With less time than this nothing new is begun: it would end as "too late" and hide what is wrong. */
const LEAST_MS = 500;

export interface RetryOptions {
  /** Milliseconds for one attempt. */
  readonly attemptMs: number;
  /** Milliseconds for all of them; the last attempt begins before. */
  readonly totalMs: number;
}

/** Repeats a call that fails with `away`, with growing pauses and full jitter; any other failure stands at once. */
export async function retryWhileAway<T>(
  call: (attemptMs: number) => Promise<T>,
  { attemptMs, totalMs }: RetryOptions,
): Promise<T> {
  const end = performance.now() + totalMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    try {
      return await call(Math.max(1, Math.min(attemptMs, end - performance.now())));
    } catch (error) {
      const wait = Math.random() * pauseMs;
      if (!(error instanceof KeyUnavailableError) || error.kind !== "away") throw error;
      if (performance.now() + wait + LEAST_MS >= end) throw error;
      await delay(wait);
    }
  }
}
