/** So many attempts in a row must fail, and of so many different webhooks, before a destination is left alone. */
const FAILURES = 10;
const WEBHOOKS = 5;

/** A destination that could not be reached is tried again after this long: nothing of it sees the attempt. */
const REACH_MS = 1_000;
/** One that answers with errors is tried again after a tenth of the time it has been failing for. */
const SHARE = 0.1;
const LONGEST_MS = 5 * 60_000;

export type CircuitState =
  /** The destination is called. */
  | { readonly kind: "closed" }
  /** It is not called before `probeAtMs`, and then once. */
  | { readonly kind: "open"; readonly openedAtMs: number; readonly probeAtMs: number; readonly reason: string }
  /** One attempt is under way that decides. */
  | { readonly kind: "probing"; readonly openedAtMs: number; readonly probeAtMs: number; readonly reason: string };

/** How an attempt went, as far as the destination's health goes. */
export interface CircuitFailure {
  readonly webhookId: string;
  /** The request never got there: no name, no connection, no TLS. */
  readonly unreached: boolean;
  /** For people, in a few words. */
  readonly reason: string;
  /** It asked to be left alone for so long. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Leaves a destination alone that fails all the time, and finds out when it is back: nothing is dropped, deliveries wait.
 * Pure: times are milliseconds of one clock, which the caller brings.
 */
export class Circuit {
  #state: CircuitState = { kind: "closed" };
  #failures = 0;
  readonly #webhooks = new Set<string>();

  get state(): CircuitState {
    return this.#state;
  }

  /** The destination answered as one that works does. True when it was left alone until now. */
  succeeded(): boolean {
    const reopened = this.#state.kind !== "closed";
    this.#state = { kind: "closed" };
    this.#failures = 0;
    this.#webhooks.clear();
    return reopened;
  }

  /** True when the destination is left alone from now on, or for longer. */
  failed({ webhookId, unreached, reason, retryAfterMs = 0 }: CircuitFailure, nowMs: number): boolean {
    this.#failures += 1;
    if (this.#webhooks.size < WEBHOOKS) this.#webhooks.add(webhookId);
    const { kind } = this.#state;
    // Attempts that were under way when it opened say nothing new.
    if (kind === "open") return false;
    if (kind === "closed" && (this.#failures < FAILURES || this.#webhooks.size < WEBHOOKS)) return false;
    const openedAtMs = this.#state.kind === "probing" ? this.#state.openedAtMs : nowMs;
    const wait = unreached ? REACH_MS : Math.min(LONGEST_MS, Math.max(REACH_MS, (nowMs - openedAtMs) * SHARE));
    this.#state = { kind: "open", openedAtMs, probeAtMs: nowMs + Math.max(wait, retryAfterMs), reason };
    return true;
  }

  /** True when it is time for the one attempt that decides; the caller makes it. */
  startProbe(nowMs: number): boolean {
    if (this.#state.kind !== "open" || nowMs < this.#state.probeAtMs) return false;
    this.#state = { ...this.#state, kind: "probing" };
    return true;
  }

  /** There was nothing to try it with, or nobody learned how it ended. */
  probeWithoutEnd(nowMs: number): void {
    if (this.#state.kind === "probing") this.#state = { ...this.#state, kind: "open", probeAtMs: nowMs + REACH_MS };
  }
}
