import type pg from "pg";
import { type AnnouncedAttempt, recordAttempts } from "../store/record-attempts.js";

const MAX_BATCH = 1_000;
const RETRY_MS = 500;

interface Waiting extends AnnouncedAttempt {
  readonly onEnd: (held: boolean) => void;
}

/**
 * Writes down the numbers that agents are going to use for their own retries, before they use them: whoever hands the
 * delivery out next, after the end of the session, of the agent or of this server, goes on behind them. One statement at
 * a time: what is announced meanwhile becomes the next batch. While the database is away the retries wait.
 */
export class AttemptRecorder {
  readonly #pool: pg.Pool;
  readonly #holder: () => number;
  readonly #onError: (error: unknown) => void;
  #waiting: Waiting[] = [];
  #running = false;
  #stopped = false;

  constructor(options: { pool: pg.Pool; holder: () => number; onError: (error: unknown) => void }) {
    this.#pool = options.pool;
    this.#holder = options.holder;
    this.#onError = options.onError;
  }

  /**
   * `onEnd` is told once whether the number is recorded; false: this server does not hold the delivery. Not told after
   * `stop`.
   */
  record(id: string, attempt: number, onEnd: (held: boolean) => void): void {
    if (this.#stopped) return;
    this.#waiting.push({ id, attempt, onEnd });
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  /** Records nothing more; the sessions that asked are over. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      try {
        const recorded = await recordAttempts(this.#pool, this.#holder(), batch);
        this.#waiting = this.#waiting.slice(batch.length);
        if (this.#stopped) break;
        for (const { id, onEnd } of batch) onEnd(recorded.has(id));
      } catch (error) {
        if (this.#stopped) break;
        this.#onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#running = false;
  }
}
