import type pg from "pg";
import { type Completion, completeDeliveries } from "../store/complete-deliveries.js";

const MAX_BATCH = 1_000;
const RETRY_MS = 500;

/** How long completions are gathered for one statement, in milliseconds. Nobody waits for them. */
const GATHER_MS = 20;

/** So many are not gathered further. */
const GATHERED = 500;

export interface CompletionsObserver {
  completed(count: number, seconds: number): void;
  failed(error: unknown): void;
}

/**
 * Records finished deliveries, many per statement and one statement at a time. While the database is away they are kept
 * and tried again; what an agent has finished is at worst delivered once more, with the same id, if this server dies
 * first.
 */
export class Completions {
  readonly #pool: pg.Pool;
  readonly #holder: () => number;
  readonly #observer: CompletionsObserver;
  #waiting: Completion[] = [];
  #running = false;
  /** Grows when everything is forgotten, so that a running batch does not cut off what came after. */
  #generation = 0;
  #idle: (() => void)[] = [];
  #hurry: (() => void) | undefined;
  #draining = false;

  constructor(options: { pool: pg.Pool; holder: () => number; observer: CompletionsObserver }) {
    this.#pool = options.pool;
    this.#holder = options.holder;
    this.#observer = options.observer;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(completion: Completion): void {
    this.#waiting.push(completion);
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    } else if (this.#waiting.length === GATHERED) {
      this.#hurry?.();
    }
  }

  /** Ids not yet recorded. */
  *ids(): Iterable<string> {
    for (const completion of this.#waiting) yield completion.id;
  }

  /** Forgets everything: the deliveries are no longer this server's. */
  abandon(): void {
    this.#waiting = [];
    this.#generation += 1;
  }

  /** Records what there is without gathering; resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (!this.#running) return;
    this.#draining = true;
    this.#hurry?.();
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < GATHERED && !this.#draining) await this.#gather();
      const batch = this.#waiting.slice(0, MAX_BATCH);
      const started = performance.now();
      const generation = this.#generation;
      try {
        await completeDeliveries(this.#pool, this.#holder(), batch);
        if (generation === this.#generation) this.#waiting = this.#waiting.slice(batch.length);
        this.#observer.completed(batch.length, (performance.now() - started) / 1000);
      } catch (error) {
        this.#observer.failed(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#running = false;
    this.#draining = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
