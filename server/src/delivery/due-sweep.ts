import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "../hint/hint.js";
import { wakeDueDeliveries } from "../store/wake-deliveries.js";

const EVERY_MS = 500;

/** Deliveries that one statement wakes, and statements in a row: what is due all at once comes back paced. */
const BATCH = 500;
const BATCHES = 4;

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

  constructor(options: DueSweepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.#sweep().finally(() => {
        this.#running = undefined;
      });
    }, EVERY_MS);
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    const { pool, hint, logger, onWork } = this.#options;
    try {
      for (let i = 0; i < BATCHES; i += 1) {
        const { count, outputIds } = await wakeDueDeliveries(pool, BATCH);
        if (count === 0) return;
        onWork(outputIds);
        hint.publish("work", outputIds);
        if (count < BATCH) return;
      }
    } catch (error) {
      logger.warn({ err: error }, "delivery.due-sweep-failed");
    }
  }
}
