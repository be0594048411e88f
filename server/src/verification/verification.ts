/** A request as it arrived: bytes and spellings untouched, because that is what was signed. */
export interface SignedRequest {
  /** Names and values in turn, repeated ones included, as Node has them. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Public address of the input, without what the sender put behind it. */
  readonly inputUrl: string;
  /** What stands behind the input's address: extra path and query with its question mark, or empty. */
  readonly suffix: string;
}

/**
 * Why a request is refused; a label of metrics.
 *
 * - `missing`: no signature, or no time where one is needed.
 * - `malformed`: not in the form that the scheme has, or a field twice.
 * - `mismatch`: in the right form, made with none of the secrets or for other content.
 * - `expired`: rightly signed, at a time too far from now.
 */
export type Refusal = "missing" | "malformed" | "mismatch" | "expired";

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: Refusal };

/** Pure: what is true at `nowMs` (Unix milliseconds) is asked for and answered, nothing is kept. */
export type Verify = (request: SignedRequest, nowMs: number) => Verdict;

export const ACCEPTED: Verdict = { ok: true };
export const MISSING: Verdict = { ok: false, reason: "missing" };
export const MALFORMED: Verdict = { ok: false, reason: "malformed" };
export const MISMATCH: Verdict = { ok: false, reason: "mismatch" };
export const EXPIRED: Verdict = { ok: false, reason: "expired" };
