import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "../hint/hint.js";
import { wakeDueDeliveries } from "../store/wake-deliveries.js";

const EVERY_MS = 500;

/** What is due all at once comes back paced, so that new webhooks get their share: so many, and after so long the next ones. */
const BATCH = 25;
const NEXT_MS = 25;

export interface DueSweepOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly logger: Logger;
  /** Something waits for these outputs. */
  readonly onWork: (outputIds: readonly string[]) => void;
}

/** Brings deliveries back whose next attempt is due. Every server does it, for all of them. */
export class DueSweep {
  readonly #options: DueSweepOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: DueSweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next(EVERY_MS);
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #next(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#sweep().then((more) => this.#next(more ? NEXT_MS : EVERY_MS));
    }, ms);
  }

  /** True when more may be due. */
  async #sweep(): Promise<boolean> {
    const { pool, hint, logger, onWork } = this.#options;
    try {
      const { count, outputIds } = await wakeDueDeliveries(pool, BATCH);
      if (count === 0) return false;
      onWork(outputIds);
      hint.publish("work", outputIds);
      return count === BATCH;
    } catch (error) {
      logger.warn({ err: error }, "delivery.due-sweep-failed");
      return false;
    }
  }
}
