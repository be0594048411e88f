import type { Lane } from "./lane.js";

/** So much later than a token is due it is asked for again, in milliseconds. */
const SLACK_MS = 20;

/**
 * How fast an agent that comes back gets what it missed: a token bucket per lane that holds a tenth of a second, so that its
 * destination is not run over.
 */
export class ResumePace {
  readonly #perSecond: number;
  readonly #paces = new WeakMap<Lane, { tokens: number; at: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** How many deliveries may be claimed at `nowMs` (monotonic); with 0 comes after how many milliseconds to ask again. */
  allowance(lane: Lane, nowMs: number): { readonly count: number; readonly againMs: number } {
    const rate = this.#perSecond;
    const pace = this.#paces.get(lane) ?? { tokens: rate / 10, at: nowMs };
    pace.tokens = Math.min(Math.max(rate / 10, 1), pace.tokens + ((nowMs - pace.at) / 1000) * rate);
    pace.at = nowMs;
    this.#paces.set(lane, pace);
    return { count: Math.max(0, Math.floor(pace.tokens)), againMs: Math.ceil(1000 / rate) + SLACK_MS };
  }

  spend(lane: Lane, count: number): void {
    const pace = this.#paces.get(lane);
    if (pace !== undefined) pace.tokens -= count;
  }
}
