import type { IncomingMessage } from "node:http";
import type { UnfinishedBodies, UnfinishedBody } from "./unfinished-bodies.js";

export type BodyOutcome =
  | { readonly kind: "complete"; readonly body: Buffer }
  | { readonly kind: "too-large" }
  /** The memory of all webhooks is used up, or an unfinished body had to make room for others. */
  | { readonly kind: "no-memory" }
  | { readonly kind: "too-slow" }
  | { readonly kind: "aborted" };

export interface BodyReaderOptions {
  readonly request: IncomingMessage;
  /** Most bytes of this body. */
  readonly limit: number;
  /** Its Content-Length, checked by Node's parser against what comes; 0 when it has none. */
  readonly announced: number;
  /** Told of memory before it is kept; false refuses the request. */
  readonly reserve: (bytes: number) => boolean;
  readonly unfinished: UnfinishedBodies;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
}

const EMPTY = Buffer.alloc(0);

/** Bodies that say to be this small get their buffer at once, in bytes: about what one read of a socket brings. */
const WHOLE_BYTES = 64 * 1024;
const LEAST_BUFFER_BYTES = 1_024;

/**
 * Reads a request's body as the bytes it has, up to a limit; reports once.
 *
 * One piece is kept as it came. From the second one on they are copied into one buffer that doubles, because each piece is
 * an object of some 370 bytes, however short: a body sent in pieces of one byte must not hold more than twice its bytes.
 *
 * A body that is there with the first read costs one listener; only what is still unfinished after it is listed.
 */
export class BodyReader implements UnfinishedBody {
  readonly startedMs: number;
  readonly #options: BodyReaderOptions;
  #report: ((outcome: BodyOutcome) => void) | undefined;
  #piece: Buffer | undefined;
  /** Holds all pieces, once there is more than one. */
  #buffer: Buffer | undefined;
  #received = 0;
  #held = 0;

  constructor(options: BodyReaderOptions) {
    this.#options = options;
    this.startedMs = options.startedMs;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#received;
  }

  /** Bytes of memory reserved so far; the reader does not give them back. */
  get held(): number {
    return this.#held;
  }

  read(report: (outcome: BodyOutcome) => void): void {
    this.#report = report;
    this.#options.request.on("data", (chunk: Buffer) => this.#take(chunk));
    // Behind the tick in which the listener gets what the first read brought.
    process.nextTick(continueReading, this);
  }

  end(kind: "no-memory" | "too-slow"): void {
    this.#finish({ kind });
  }

  /** What the first read brought has been taken. */
  afterFirstRead(): void {
    if (this.#report === undefined) return;
    const { request, unfinished } = this.#options;
    if (request.complete && request.readableLength === 0) {
      this.#complete();
      return;
    }
    request.on("end", () => this.#complete());
    // Follows an error too: Node emits one only to who listens for it.
    request.on("close", () => this.#finish({ kind: "aborted" }));
    if (request.closed) this.#finish({ kind: "aborted" });
    else unfinished.add(this);
  }

  #take(chunk: Buffer): void {
    if (this.#report === undefined) return;
    const { limit, announced, reserve, unfinished } = this.#options;
    this.#received += chunk.length;
    if (this.#received > limit) {
      this.#finish({ kind: "too-large" });
      return;
    }
    const room = this.#buffer?.length ?? 0;
    let more = 0;
    if (this.#piece === undefined && this.#buffer === undefined) more = chunk.length;
    else if (this.#received > room) more = this.#roomFor(this.#received) - this.#held;
    if (more > 0) {
      this.#held += more;
      if (!reserve(more)) {
        this.#finish({ kind: "no-memory" });
        return;
      }
      unfinished.grew(this, more);
      // It may have had to make room itself.
      if (this.#report === undefined) return;
    }
    this.#keep(chunk);
    // The parser ends the body here: no need to wait until it says so.
    if (this.#received === announced) this.#complete();
  }

  #keep(chunk: Buffer): void {
    const before = this.#received - chunk.length;
    if (this.#buffer === undefined) {
      if (this.#piece === undefined) {
        this.#piece = chunk;
        return;
      }
      this.#buffer = Buffer.allocUnsafeSlow(this.#held);
      this.#buffer.set(this.#piece);
      this.#piece = undefined;
    } else if (this.#buffer.length < this.#received) {
      const larger = Buffer.allocUnsafeSlow(this.#held);
      larger.set(before === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, before));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, before);
  }

  /** Length of a buffer for that many bytes and what may follow. */
  #roomFor(bytes: number): number {
    const { limit, announced } = this.#options;
    if (announced > 0 && announced <= WHOLE_BYTES) return announced;
    return Math.min(Math.max(2 * bytes, LEAST_BUFFER_BYTES), announced || limit);
  }

  #complete(): void {
    const body = this.#piece ?? this.#buffer?.subarray(0, this.#received) ?? EMPTY;
    this.#finish({ kind: "complete", body });
  }

  #finish(outcome: BodyOutcome): void {
    const report = this.#report;
    if (report === undefined) return;
    this.#report = undefined;
    this.#options.unfinished.remove(this);
    this.#piece = undefined;
    this.#buffer = undefined;
    report(outcome);
  }
}

function continueReading(reader: BodyReader): void {
  reader.afterFirstRead();
}
