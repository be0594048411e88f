/** When a call is tried again. Pure. */
export interface RetryPolicy {
  /** Tries after the first; 0 tries once. */
  readonly maxRetries: number;
  readonly waitMinMs: number;
  readonly waitMaxMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxRetries: 3, waitMinMs: 1_000, waitMaxMs: 30_000 };

/** Milliseconds to wait before the next try when `tries` were made, or null when it is over. Doubles from the minimum. */
export function retryWaitMs(policy: RetryPolicy, tries: number): number | null {
  if (tries > policy.maxRetries) return null;
  return Math.min(policy.waitMaxMs, policy.waitMinMs * 2 ** Math.min(tries - 1, 30));
}

/** True for answers that a later try may change: 5xx, but for 501 which says that it will not. */
export function isRetryableStatus(status: number): boolean {
  return status >= 500 && status !== 501;
}
