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

/** So many short pieces are kept as they came. */
const MAX_PIECES = 16;
/** In bytes: longer pieces are kept as they came, however many they are. */
const SHORT_PIECE = 4_096;
const LEAST_BUFFER_BYTES = 1_024;

/**
 * Reads a request's body as the bytes it has, up to a limit; reports once.
 *
 * Pieces are kept as they came and joined at the end, for they are usually few. Each one is an object of some 300 bytes
 * however short it is: when short ones become many, all are copied into one buffer that doubles, so that a body sent in
 * pieces of one byte holds no more than twice its bytes.
 *
 * A body that is there with the first read costs one listener; only what is unfinished after it gets more, and is listed.
 */
export class BodyReader implements UnfinishedBody {
  readonly startedMs: number;
  readonly #options: BodyReaderOptions;
  #report: ((outcome: BodyOutcome) => void) | undefined;
  #first: Buffer | undefined;
  /** All of them, once there is more than one. */
  #pieces: Buffer[] | undefined;
  /** Holds what has come, instead of the pieces, once they were many and short. */
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
    this.#options.unfinished.begin(this);
  }

  end(kind: "no-memory" | "too-slow"): void {
    this.#finish({ kind });
  }

  afterFirstRead(): void {
    if (this.#report === undefined) return;
    const { request, unfinished } = this.#options;
    if (request.readableLength === 0 && (request.complete || request.readableEnded)) {
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
    const before = this.#received;
    this.#received += chunk.length;
    if (this.#received > limit) {
      this.#finish({ kind: "too-large" });
      return;
    }
    const asItCame =
      this.#buffer === undefined && (chunk.length >= SHORT_PIECE || (this.#pieces?.length ?? 0) < MAX_PIECES);
    const more = asItCame ? chunk.length : this.#missing();
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
    if (asItCame) this.#keep(chunk);
    else this.#room(before).set(chunk, before);
    // The parser ends the body here: no need to wait until it says so.
    if (this.#received === announced) this.#complete();
  }

  #keep(chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#pieces === undefined) this.#pieces = [this.#first, chunk];
    else this.#pieces.push(chunk);
  }

  /** Bytes by which what is held must grow for a buffer that has room for what has come. */
  #missing(): number {
    if (this.#buffer !== undefined && this.#received <= this.#buffer.length) return 0;
    const { limit, announced } = this.#options;
    return Math.min(Math.max(2 * this.#received, LEAST_BUFFER_BYTES), announced || limit) - this.#held;
  }

  /** The buffer, as large as what is held, with the first `filled` bytes of the body in it. */
  #room(filled: number): Buffer {
    if (this.#buffer?.length === this.#held) return this.#buffer;
    const larger = Buffer.allocUnsafeSlow(this.#held);
    larger.set(this.#joined(filled));
    this.#first = undefined;
    this.#pieces = undefined;
    this.#buffer = larger;
    return larger;
  }

  #joined(bytes: number): Buffer {
    if (this.#buffer !== undefined) return this.#buffer.subarray(0, bytes);
    return this.#pieces === undefined ? (this.#first ?? EMPTY) : Buffer.concat(this.#pieces, bytes);
  }

  #complete(): void {
    this.#finish({ kind: "complete", body: this.#joined(this.#received) });
  }

  #finish(outcome: BodyOutcome): void {
    const report = this.#report;
    if (report === undefined) return;
    this.#report = undefined;
    this.#options.unfinished.remove(this);
    this.#first = undefined;
    this.#pieces = undefined;
    this.#buffer = undefined;
    report(outcome);
  }
}
