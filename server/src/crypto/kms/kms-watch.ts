import type { Logger } from "pino";
import { KeyUnavailableError } from "../key-unavailable-error.js";

/** How often the key is checked while all is well, and while it is not. */
const CHECK_MS = 60_000;
const RECHECK_MS = 5_000;

/**
 * A refusal is somebody's decision and not an outage: the grace period is not for it. It counts when it lasts this long, so
 * that one wrong answer stops nothing.
 */
const REFUSAL_MS = 60_000;

/**
 * `good`: the last check passed. `grace`: it did not; data keys in memory are used until `until`, others are not to be had.
 * `locked`: no data key is used any more. Times are Unix milliseconds.
 */
export type KmsStanding =
  | { readonly kind: "good" }
  | { readonly kind: "grace"; readonly until: number; readonly error: KeyUnavailableError }
  | { readonly kind: "locked"; readonly error: KeyUnavailableError };

export interface KmsWatchOptions {
  /** Rejects with `KeyUnavailableError` when the key cannot be used. */
  readonly check: () => Promise<void>;
  readonly graceMs: number;
  readonly logger: Logger;
  /** The data keys in memory must not be used any more. */
  readonly onLocked: () => void;
  /** The key can be used again. */
  readonly onRecovered: () => void;
}

/**
 * Checks on a schedule whether the key-encryption key can be used, and decides how long data keys in memory may be used when
 * it cannot. While it cannot, nothing else calls Cloud KMS: who needs it is told at once instead of waiting.
 */
export class KmsWatch {
  readonly #options: KmsWatchOptions;
  #standing: KmsStanding = { kind: "good" };
  /** When the check began that passed last, by the monotonic clock. */
  #goodAt = performance.now();
  #refusedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lockTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: KmsWatchOptions) {
    this.#options = options;
  }

  get standing(): KmsStanding {
    return this.#standing;
  }

  /** Seconds since the check began that passed last. */
  get secondsSinceGood(): number {
    return (performance.now() - this.#goodAt) / 1_000;
  }

  /** Checks until the first one passes; rejects with the last failure after `patienceMs`, or at once when it is a refusal. */
  async start(patienceMs: number): Promise<void> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const began = performance.now();
      try {
        await this.#options.check();
        this.#goodAt = began;
        break;
      } catch (error) {
        const away = error instanceof KeyUnavailableError && error.kind === "away";
        if (!away || performance.now() > end) throw error;
      }
    }
    this.#schedule();
  }

  /** Resolves when no check runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#lockTimer);
    await this.#running;
  }

  /** Throws while the key cannot be used. */
  require(): void {
    if (this.#standing.kind === "good") return;
    const { kind, message } = this.#standing.error;
    throw new KeyUnavailableError(kind, message);
  }

  /** A call failed: checks now rather than when it is due. */
  suspect(): void {
    if (this.#standing.kind === "good") this.#run();
  }

  #run(): void {
    if (this.#stopped) return;
    this.#running ??= this.#checkOnce().finally(() => {
      this.#running = undefined;
      this.#schedule();
    });
  }

  async #checkOnce(): Promise<void> {
    clearTimeout(this.#timer);
    const began = performance.now();
    try {
      await this.#options.check();
    } catch (error) {
      this.#failed(
        error instanceof KeyUnavailableError
          ? error
          : new KeyUnavailableError("away", "KMS_KEY: the check of the key failed.", { cause: error }),
      );
      return;
    }
    if (this.#stopped) return;
    this.#goodAt = began;
    this.#refusedAt = undefined;
    clearTimeout(this.#lockTimer);
    if (this.#standing.kind === "good") return;
    this.#standing = { kind: "good" };
    this.#options.logger.info("kms.recovered");
    this.#options.onRecovered();
  }

  #failed(error: KeyUnavailableError): void {
    if (this.#stopped) return;
    const now = performance.now();
    const { graceMs, logger } = this.#options;
    // An outage in between does not make a refusal undone.
    if (error.kind === "refused") this.#refusedAt ??= now;
    if (this.#standing.kind === "locked") {
      this.#standing = { kind: "locked", error };
      return;
    }
    const end = Math.min(this.#goodAt + graceMs, (this.#refusedAt ?? Number.POSITIVE_INFINITY) + REFUSAL_MS);
    const until = Date.now() + Math.max(0, end - now);
    if (this.#standing.kind === "good" || this.#standing.error.kind !== error.kind) {
      logger.warn({ err: error, until: new Date(until).toISOString() }, `kms.${error.kind}`);
    }
    this.#standing = { kind: "grace", until, error };
    clearTimeout(this.#lockTimer);
    this.#lockTimer = setTimeout(() => this.#lock(), Math.max(0, end - now)).unref();
  }

  #lock(): void {
    if (this.#standing.kind !== "grace") return;
    const { error } = this.#standing;
    this.#standing = { kind: "locked", error };
    this.#options.logger.error({ err: error }, "kms.locked");
    this.#options.onLocked();
  }

  #schedule(): void {
    if (this.#stopped) return;
    const tenth = Math.max(200, this.#options.graceMs / 10);
    const wait = Math.min(tenth, this.#standing.kind === "good" ? CHECK_MS : RECHECK_MS);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), wait).unref();
  }
}
