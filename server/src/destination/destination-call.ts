import { MAX_REPORTED_RESPONSE_BYTES } from "../wire/index.js";
import { CallError } from "./call-error.js";

/** What a call came to: a status, or the error that prevented one. */
export interface CallResult {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly error: Error | null;
  /** True when the whole answer was read, so that the connection can be used again. */
  readonly complete: boolean;
  /** What cut off an answer whose status had arrived, or null. */
  readonly cut: Error | null;
  /** Names and values alternating, and the head of the body, as far as the call keeps them. */
  readonly headers: readonly Buffer[];
  readonly body: readonly Uint8Array[];
  /** True when the body was longer than what is kept of it. */
  readonly truncated: boolean;
}

/** What a call keeps of its answer, and who watches it. */
export interface CallOptions {
  /** Bytes of the body. */
  readonly keepBytes: number;
  /** Whether to keep those of answers that delivered, too. */
  readonly keepDelivered: boolean;
  /** Bytes behind those that are read for the connection's sake; with more, the answer ends there and the connection too. */
  readonly passBytes: number;
  /** Told when the request leaves, and when the answer's header section is there. */
  readonly onPhase?: (phase: "headers" | "body") => void;
}

const REPORT: CallOptions = {
  keepBytes: MAX_REPORTED_RESPONSE_BYTES,
  keepDelivered: false,
  passBytes: Number.POSITIVE_INFINITY,
};

const NOTHING: readonly Uint8Array[] = [];
const NO_HEADERS: readonly Buffer[] = [];

/** True for answers that count as delivered: 2xx. A redirect is not followed, so behind it nobody has got anything. */
export function isDelivered(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * One HTTP call as undici's dispatch handler: in the raw form (`onConnect`, `onHeaders`, ...), which hands headers over as
 * they came and costs neither a promise nor a stream nor a parsed header object per call.
 */
export class DestinationCall {
  readonly startedAt: number;
  readonly #done: (result: CallResult) => void;
  readonly #options: CallOptions;
  #abort: ((error: Error) => void) | null = null;
  #cancelled: Error | null = null;
  #finished = false;
  #status = 0;
  #headers = NO_HEADERS;
  #body: Uint8Array[] | null = null;
  #kept = 0;
  #passed = 0;

  /** `now` is in monotonic milliseconds; `done` is called exactly once. By default it keeps what an agent reports. */
  constructor(now: number, done: (result: CallResult) => void, options: CallOptions = REPORT) {
    this.startedAt = now;
    this.#done = done;
    this.#options = options;
  }

  /** Gives the call up. An answer whose status has arrived stands. */
  cancel(error: Error): void {
    this.#cancelled = error;
    const abort = this.#abort;
    this.#finish(error);
    abort?.(error);
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#cancelled !== null) abort(this.#cancelled);
    else this.#options.onPhase?.("headers");
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) return true;
    this.#status = status;
    if (this.#options.keepDelivered || !isDelivered(status)) this.#headers = headers;
    this.#options.onPhase?.("body");
    return true;
  }

  onData(chunk: Buffer): boolean {
    const { keepBytes, keepDelivered, passBytes } = this.#options;
    const room = keepDelivered || !isDelivered(this.#status) ? keepBytes - this.#kept : 0;
    if (room > 0) {
      // A copy: the chunk is a view on the socket's read buffer.
      const part = Uint8Array.prototype.slice.call(chunk, 0, room);
      this.#kept += part.length;
      this.#body ??= [];
      this.#body.push(part);
    }
    this.#passed += chunk.length - Math.max(0, Math.min(room, chunk.length));
    if (this.#passed > passBytes) this.cancel(new CallError("too-large", "the answer is longer than anybody reads"));
    return true;
  }

  onComplete(): void {
    this.#finish(null);
  }

  onError(error: Error): void {
    this.#finish(error);
  }

  /** A destination may not take the connection over. */
  onUpgrade(): void {
    this.#abort?.(new Error("the destination tried to switch protocols"));
  }

  #finish(error: Error | null): void {
    if (this.#finished) return;
    this.#finished = true;
    const answered = this.#status !== 0;
    this.#done({
      status: this.#status,
      error: answered ? null : (error ?? new Error("no answer")),
      complete: error === null,
      cut: answered ? error : null,
      headers: this.#headers,
      body: this.#body ?? NOTHING,
      truncated: this.#passed > 0,
    });
  }
}
