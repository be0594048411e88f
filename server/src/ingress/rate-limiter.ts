interface Allowance {
  tokens: number;
  at: number;
}

/** Slots shared by unknown inputs: strangers cannot make the table grow, and meet a limit like everybody. */
const STRANGER_SLOTS = 4_096;

/**
 * A token bucket (RFC 2697's idea, one rate) per bucket, on this server alone: with several servers the limit counts on
 * each. Unknown inputs share a fixed number of allowances.
 */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #allowances = new Map<string, Allowance>();

  constructor({ perSecond, burst }: { perSecond: number; burst: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** 0 when the request may pass; else the whole seconds after which to try again. `nowMs` is a monotonic clock's. */
  take(subject: string, nowMs: number): number {
    let allowance = this.#allowances.get(subject);
    if (allowance === undefined) {
      allowance = { tokens: this.#burst, at: nowMs };
      this.#allowances.set(subject, allowance);
    }
    allowance.tokens = Math.min(this.#burst, allowance.tokens + ((nowMs - allowance.at) / 1000) * this.#perSecond);
    allowance.at = nowMs;
    if (allowance.tokens >= 1) {
      allowance.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - allowance.tokens) / this.#perSecond));
  }

  /** The name under which an unknown input is counted. */
  strangerSubject(inputId: string): string {
    let hash = 0;
    for (let i = 0; i < inputId.length && i < 64; i += 1) hash = (hash * 31 + inputId.charCodeAt(i)) | 0;
    return `stranger ${(hash >>> 0) % STRANGER_SLOTS}`;
  }

  /** Forgets the allowances of buckets that no longer exist. */
  keepOnly(known: (subject: string) => boolean): void {
    for (const subject of this.#allowances.keys()) {
      if (!subject.startsWith("stranger ") && !known(subject)) this.#allowances.delete(subject);
    }
  }
}
