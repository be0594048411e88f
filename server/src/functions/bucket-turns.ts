import { POOL_LIMITS } from "./function-limits.js";

export interface Waiting {
  readonly bucketId: string;
  /** What it holds while it waits, in bytes. */
  readonly bytes: number;
}

/** Bounds of what waits; those of POOL_LIMITS when not given. */
export interface TurnLimits {
  readonly waitingPerBucket: number;
  readonly waiting: number;
  readonly waitingBytesPerBucket: number;
}

/** Calls that wait for a worker: buckets take turns, and one that has its share of the workers is passed over. */
export class BucketTurns<T extends Waiting> {
  /** The bucket whose turn it is comes first: a Map keeps the order of insertion. No bucket is empty. */
  readonly #buckets = new Map<string, T[]>();
  readonly #limits: TurnLimits;
  #size = 0;

  constructor(limits: TurnLimits = POOL_LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  hasRoom({ bucketId, bytes }: Waiting): boolean {
    const waiting = this.#buckets.get(bucketId) ?? [];
    const held = waiting.reduce((sum, one) => sum + one.bytes, 0);
    return (
      this.#size < this.#limits.waiting &&
      waiting.length < this.#limits.waitingPerBucket &&
      (waiting.length === 0 || held + bytes <= this.#limits.waitingBytesPerBucket)
    );
  }

  push(item: T): void {
    this.#size += 1;
    const waiting = this.#buckets.get(item.bucketId);
    if (waiting === undefined) this.#buckets.set(item.bucketId, [item]);
    else waiting.push(item);
  }

  /** The next item of a bucket that may have one more worker; undefined when there is none. */
  next(mayRun: (bucketId: string) => boolean): T | undefined {
    for (const [bucketId, waiting] of this.#buckets) {
      const [first, ...rest] = waiting;
      if (first === undefined || !mayRun(bucketId)) continue;
      this.#size -= 1;
      this.#buckets.delete(bucketId);
      if (rest.length > 0) this.#buckets.set(bucketId, rest);
      return first;
    }
    return undefined;
  }

  /** Whether `next` would have one. */
  has(mayRun: (bucketId: string) => boolean): boolean {
    return [...this.#buckets.keys()].some(mayRun);
  }

  /** Takes an item out that has waited for too long. */
  remove(item: T): void {
    const waiting = this.#buckets.get(item.bucketId) ?? [];
    const left = waiting.filter((one) => one !== item);
    this.#size -= waiting.length - left.length;
    if (left.length === 0) this.#buckets.delete(item.bucketId);
    else this.#buckets.set(item.bucketId, left);
  }
}
