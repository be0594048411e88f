interface Entry<V> {
  readonly value: V;
  expiresAt: number;
}

/**
 * A map with a lifetime per entry that drops the least recently used one when it is full. `sliding`: the lifetime begins anew
 * with each use. Times in milliseconds.
 */
export class BoundedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #size: number;
  readonly #ttlMs: number;
  readonly #sliding: boolean;

  constructor(size: number, ttlMs: number, { sliding = false } = {}) {
    this.#size = size;
    this.#ttlMs = ttlMs;
    this.#sliding = sliding;
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= now) return undefined;
    if (this.#sliding) entry.expiresAt = now + this.#ttlMs;
    // A Map keeps the order of insertion: putting it back makes it the most recent.
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: now + this.#ttlMs });
    if (this.#entries.size > this.#size) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }
}
