const MAX_BATCH = 1_000;
const RETRY_MS = 500;

/** How long rows are gathered for one statement, in milliseconds. Nobody waits for them. */
const GATHER_MS = 20;

/** So many are not gathered further. */
const GATHERED = 500;

export interface WritesObserver {
  completed(count: number, seconds: number): void;
  failed(error: unknown): void;
}

export interface BatchedWritesOptions<T> {
  /** One statement. */
  readonly write: (batch: readonly T[]) => Promise<unknown>;
  readonly observer: WritesObserver;
}

/**
 * Records what became of deliveries, many per statement and one statement at a time. While the database is away rows are
 * kept and tried again; what was finished is at worst delivered once more, with the same id, if this server dies first.
 */
export class BatchedWrites<T extends { readonly id: string }> {
  readonly #options: BatchedWritesOptions<T>;
  #waiting: T[] = [];
  #running = false;
  /** Grows when everything is forgotten, so that a running batch does not cut off what came after. */
  #generation = 0;
  #idle: (() => void)[] = [];
  #hurry: (() => void) | undefined;
  /** The batch to come is not gathered: somebody waits for it. */
  #urgent = false;
  #draining = false;
  readonly #recorded = new Map<string, () => void>();

  constructor(options: BatchedWritesOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** `recorded` is called when the row is written, which is then done without gathering; not when it is forgotten. */
  add(row: T, recorded?: () => void): void {
    this.#waiting.push(row);
    if (recorded !== undefined) {
      this.#recorded.set(row.id, recorded);
      this.#urgent = true;
    }
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    } else if (this.#urgent || this.#waiting.length === GATHERED) {
      this.#hurry?.();
    }
  }

  /** Ids not yet recorded. */
  *ids(): Iterable<string> {
    for (const { id } of this.#waiting) yield id;
  }

  /** Forgets everything: the deliveries are no longer this server's. */
  abandon(): void {
    this.#waiting = [];
    this.#recorded.clear();
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
      if (this.#waiting.length < GATHERED && !this.#draining && !this.#urgent) await this.#gather();
      this.#urgent = false;
      const batch = this.#waiting.slice(0, MAX_BATCH);
      const started = performance.now();
      const generation = this.#generation;
      try {
        await this.#options.write(batch);
        if (generation === this.#generation) this.#written(batch);
        this.#options.observer.completed(batch.length, (performance.now() - started) / 1000);
      } catch (error) {
        this.#options.observer.failed(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#running = false;
    this.#draining = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #written(batch: readonly T[]): void {
    this.#waiting = this.#waiting.slice(batch.length);
    if (this.#recorded.size === 0) return;
    for (const { id } of batch) {
      const recorded = this.#recorded.get(id);
      this.#recorded.delete(id);
      recorded?.();
    }
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
