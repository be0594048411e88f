const SECONDS = /^[0-9]{1,11}$/;

/** Unix seconds as a sender writes them: digits alone; undefined for anything else. */
export function parseSeconds(text: string): number | undefined {
  return SECONDS.test(text) ? Number(text) : undefined;
}

/**
 * Whether a signed time is near enough. Both ways: what is dated ahead could be sent again for longer than the
 * tolerance.
 */
export function isTimely(seconds: number, toleranceSeconds: number, nowMs: number): boolean {
  return Math.abs(Math.floor(nowMs / 1000) - seconds) <= toleranceSeconds;
}
