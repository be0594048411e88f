/**
 * When to connect again: full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), for ever. Pure: time
 * and randomness come from the caller.
 */

export const FIRST_DELAY_MS = 250;
export const LONGEST_DELAY_MS = 30_000;

/** A session that lived this long after its welcome proves the link: the next loss starts from the first delay again. */
export const STABLE_AFTER_MS = 10_000;

/**
 * Milliseconds to wait before the next connection, between 0 and 250 ms doubled for each failure before, at most 30 s.
 * `failures` counts the losses since the last stable session, the present one excluded; `random` is in [0, 1).
 */
export function jitteredDelayMs(failures: number, random: number): number {
  // 2 ** 7 * 250 ms is beyond the ceiling: the exponent stays small however long the server is away.
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 16));
  return Math.floor(random * ceiling);
}

/** Why a session ended, as far as it matters for the next connection. */
export interface Ending {
  /** Milliseconds between Welcome and the end; null when there was no Welcome. */
  readonly welcomedForMs: number | null;
  /** What the server asked for (GoAway, Refused); null when it asked for nothing. */
  readonly askedDelayMs: number | null;
  /** Connect again at once: the ticket was refused, the secret is next. */
  readonly atOnce: boolean;
}

export interface ReconnectState {
  readonly failures: number;
}

export const FIRST_CONNECTION: ReconnectState = { failures: 0 };

/** The next state and how many milliseconds to wait in it. A delay that the server asked for is a minimum, spread by jitter. */
export function afterEnding(
  state: ReconnectState,
  ending: Ending,
  random: number,
): { readonly state: ReconnectState; readonly delayMs: number } {
  // A refused ticket must not become a busy loop with a server that refuses for ever: only the first one is free.
  if (ending.atOnce && state.failures === 0) return { state: { failures: 1 }, delayMs: 0 };
  const stable = ending.welcomedForMs !== null && ending.welcomedForMs >= STABLE_AFTER_MS;
  const failures = stable ? 0 : state.failures;
  const jitter = jitteredDelayMs(failures, random);
  if (ending.askedDelayMs !== null) {
    // The server spreads its agents itself; a tenth on top keeps those with the same answer apart.
    const spread = Math.floor(random * Math.max(FIRST_DELAY_MS, ending.askedDelayMs / 10));
    return { state: { failures: failures + 1 }, delayMs: ending.askedDelayMs + spread };
  }
  return { state: { failures: failures + 1 }, delayMs: jitter };
}
