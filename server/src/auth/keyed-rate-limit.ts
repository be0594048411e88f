export interface KeyedRateLimitOptions {
  /** How many may pass at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** Most keys remembered; the least recently used one is forgotten, and so starts afresh. */
  readonly maxKeys?: number;
}

interface Allowance {
  left: number;
  at: number;
}

/** A token bucket per key (an address, a token), in bounded memory. Times in Unix milliseconds. */
export class KeyedRateLimit {
  readonly #allowances = new Map<string, Allowance>();
  readonly #burst: number;
  readonly #perMs: number;
  readonly #maxKeys: number;

  constructor({ burst, perSecond, maxKeys = 10_000 }: KeyedRateLimitOptions) {
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#maxKeys = maxKeys;
  }

  /** 0 when one may pass now, else the seconds until one may. Takes nothing. */
  waitSeconds(key: string, now: number): number {
    const left = this.#left(this.#allowances.get(key), now);
    return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / this.#perMs / 1000));
  }

  /** Takes one; below zero nothing is owed. */
  take(key: string, now: number): void {
    const left = this.#left(this.#allowances.get(key), now);
    this.#allowances.delete(key);
    this.#allowances.set(key, { left: Math.max(0, left - 1), at: now });
    if (this.#allowances.size > this.#maxKeys) {
      for (const oldest of this.#allowances.keys()) {
        this.#allowances.delete(oldest);
        break;
      }
    }
  }

  /** Gives back what was taken, never more than the burst. */
  giveBack(key: string, now: number): void {
    const allowance = this.#allowances.get(key);
    if (allowance === undefined) return;
    allowance.left = Math.min(this.#burst, this.#left(allowance, now) + 1);
    allowance.at = now;
  }

  #left(allowance: Allowance | undefined, now: number): number {
    if (allowance === undefined) return this.#burst;
    return Math.min(this.#burst, allowance.left + Math.max(0, now - allowance.at) * this.#perMs);
  }
}
