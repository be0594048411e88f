import { MAX_REPORTED_RESPONSE_BYTES } from "../wire/index.js";

/** What a call came to: a status, or the error that prevented one. */
export interface CallResult {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly error: Error | null;
  /** True when the whole answer was read, so that the connection can be used again. */
  readonly complete: boolean;
  /** Names and values alternating, and the first 16 KiB of the body; kept only for answers that did not deliver. */
  readonly headers: readonly Buffer[];
  readonly body: readonly Uint8Array[];
}

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
  #abort: ((error: Error) => void) | null = null;
  #cancelled: Error | null = null;
  #finished = false;
  #status = 0;
  #headers = NO_HEADERS;
  #body: Uint8Array[] | null = null;
  #kept = 0;

  /** `now` is in monotonic milliseconds; `done` is called exactly once. */
  constructor(now: number, done: (result: CallResult) => void) {
    this.startedAt = now;
    this.#done = done;
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
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) return true;
    this.#status = status;
    if (!isDelivered(status)) this.#headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (isDelivered(this.#status)) return true;
    const room = MAX_REPORTED_RESPONSE_BYTES - this.#kept;
    if (room <= 0) return true;
    // A copy: the chunk is a view on the socket's read buffer.
    const part = Uint8Array.prototype.slice.call(chunk, 0, room);
    this.#kept += part.length;
    this.#body ??= [];
    this.#body.push(part);
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
      headers: this.#headers,
      body: this.#body ?? NOTHING,
    });
  }
}
