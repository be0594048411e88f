/** A body whose end has not come yet. */
export interface UnfinishedBody {
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** Bytes that have come. */
  readonly received: number;
  /** Bytes of memory it holds. */
  readonly held: number;
  /** What came with its first read has been taken. */
  afterFirstRead(): void;
  /** Ends it from outside. */
  end(kind: "no-memory" | "too-slow"): void;
}

export interface UnfinishedBodiesOptions {
  /** Memory that all unfinished bodies together may hold. */
  readonly maxBytes: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A body may be as slow as it likes for so long. */
const GRACE_MS = 10_000;
/** After that, at least this on the average since its begin: 128 kbit/s, less than any network that senders are in. */
const LEAST_BYTES_PER_MS = (16 * 1024) / 1000;
const SWEEP_MS = 1_000;
/** Among so many of the oldest the slowest one is looked for: enough to spare a quick one, and a fixed price. */
const CANDIDATES = 16;
/** Every body is judged as if it had begun with so many bytes in so many milliseconds: a new one is not a slow one. */
const HEAD_START_BYTES = 64 * 1024;
const HEAD_START_MS = 25;

/**
 * Keeps those who send bodies slowly, or never to their end, from taking the memory of those who send them whole.
 *
 * Unfinished bodies may hold a share of the memory. When it is used up the slowest of the oldest must go, not the newcomer,
 * so that holding connections open keeps nobody out. A body alone may use more than the share: it takes it from nobody.
 */
export class UnfinishedBodies {
  /** Oldest first: a Set keeps the order of insertion. */
  readonly #bodies = new Set<UnfinishedBody>();
  /** Those of them that hold memory, the first to hold some first. */
  readonly #holders = new Set<UnfinishedBody>();
  readonly #maxBytes: number;
  readonly #now: () => number;
  #held = 0;
  #begun: UnfinishedBody[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ maxBytes, now = () => performance.now() }: UnfinishedBodiesOptions) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** Calls `afterFirstRead` in this turn of the event loop, when all sockets have been read: most bodies are whole by then. */
  begin(body: UnfinishedBody): void {
    if (this.#begun.push(body) > 1) return;
    setImmediate(() => {
      const begun = this.#begun;
      this.#begun = [];
      for (const each of begun) each.afterFirstRead();
    });
  }

  /** From now on `body` reports what it holds by `grew`. May end it. */
  add(body: UnfinishedBody): void {
    this.#bodies.add(body);
    // Not stopped by the last `remove`: the next body is usually a moment away.
    this.#timer ??= setInterval(() => this.endSlow(), SWEEP_MS).unref();
    if (body.held > 0) this.#hold(body, body.held);
  }

  /** `body` holds that much more; ignored when it is not listed. May end it. */
  grew(body: UnfinishedBody, bytes: number): void {
    if (this.#bodies.has(body)) this.#hold(body, bytes);
  }

  remove(body: UnfinishedBody): void {
    this.#bodies.delete(body);
    if (this.#holders.delete(body)) this.#held -= body.held;
  }

  /** Ends what is slower than a body may be. */
  endSlow(): void {
    const now = this.#now();
    for (const body of this.#bodies) {
      const age = now - body.startedMs;
      if (age < GRACE_MS) break;
      if (body.received < age * LEAST_BYTES_PER_MS) this.#end(body, "too-slow");
    }
    if (this.#bodies.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #hold(body: UnfinishedBody, bytes: number): void {
    this.#holders.add(body);
    this.#held += bytes;
    while (this.#held > this.#maxBytes && this.#holders.size > 1) {
      const slowest = this.#slowest(body);
      this.#end(slowest, "no-memory");
      if (slowest === body) return;
    }
  }

  #slowest(grower: UnfinishedBody): UnfinishedBody {
    const now = this.#now();
    let slowest = grower;
    let least = rate(grower, now);
    let looked = 0;
    for (const body of this.#holders) {
      const its = rate(body, now);
      if (its < least) {
        least = its;
        slowest = body;
      }
      looked += 1;
      if (looked === CANDIDATES) break;
    }
    return slowest;
  }

  #end(body: UnfinishedBody, kind: "no-memory" | "too-slow"): void {
    this.remove(body);
    body.end(kind);
  }
}

/** Bytes per millisecond. */
function rate(body: UnfinishedBody, now: number): number {
  return (body.received + HEAD_START_BYTES) / (now - body.startedMs + HEAD_START_MS);
}
