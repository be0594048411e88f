import type { DestinationAnswer } from "../responses/destination-answer.js";

/** How an attempt ended. */
export interface AttemptEnd {
  /** Number of the status in the public API, should it be the delivery's last attempt. */
  readonly status: number;
  /** 0 when there was no answer. */
  readonly statusCode: number;
  /** Number of the attempt that ended. */
  readonly attempt: number;
  readonly durationMs: number;
  /** What kept an answer from coming, in one word; empty when there was one. */
  readonly errorClass: string;
  /** Whether another attempt may fare better, where no status says it. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** Sealed answer of a destination that did not take the webhook. */
  readonly keyVersion: number;
  readonly response: Buffer | null;
  /** What the destination answered; undefined when nobody wants it, when there is none, or when it was too long. */
  readonly answer: DestinationAnswer | undefined;
}
