/**
 * Every refusal the HTTP API can give. `status` is the HTTP status; `retryable` says whether the same request may succeed
 * later unchanged. 412 where others use 409: existing clients of this API expect it.
 */
const ERRORS = {
  invalid: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  "not-found": { status: 404, retryable: false },
  precondition: { status: 412, retryable: false },
  "too-large": { status: 413, retryable: false },
  "rate-limited": { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  unavailable: { status: 503, retryable: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal with a text for people: what happened, where, what to do. The text never holds a secret. */
export class RelayError extends Error {
  override name = "RelayError";
  readonly code: ErrorCode;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
