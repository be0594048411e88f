/** Most that one batch takes: its transaction stays short. */
const MOST_PER_BATCH = 500;

/** Batches come no faster than this, so that a high rate does not mean a transaction for each webhook. */
const BATCH_EVERY_MS = 100;

/** How many a job may send now: its rate, spread evenly. What it could not send for a while it does not send in one burst. */
export class ResendAllowance {
  readonly #perMs: number;
  readonly #most: number;
  /** Never above `#most`. */
  #credit: number;
  #at: number;

  /** `nowMs` as from `performance.now()`. */
  constructor(perSecond: number, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    // Up to two batches, so that a late timer costs nothing.
    this.#most = Math.min(MOST_PER_BATCH * 4, Math.max(1, 2 * BATCH_EVERY_MS * this.#perMs));
    this.#credit = 1;
    this.#at = nowMs;
  }

  /** What may be sent now; when it is nothing, after how many milliseconds to ask again. */
  at(nowMs: number): { readonly count: number; readonly againMs: number } {
    this.#credit = Math.min(this.#most, this.#credit + (nowMs - this.#at) * this.#perMs);
    this.#at = nowMs;
    // A timer that fires a little early must not cost a whole further round.
    const wanted = Math.min(this.#most, Math.max(1, BATCH_EVERY_MS * this.#perMs)) - 1e-6;
    if (this.#credit >= Math.min(wanted, this.#most)) {
      return { count: Math.max(1, Math.min(MOST_PER_BATCH, Math.floor(this.#credit + 1e-6))), againMs: 0 };
    }
    return { count: 0, againMs: Math.max(1, Math.ceil((wanted - this.#credit) / this.#perMs)) };
  }

  /** So many were sent. */
  spend(count: number): void {
    this.#credit -= count;
  }
}
