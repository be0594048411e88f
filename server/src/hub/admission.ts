import type { Output, Token } from "../catalog/model.js";
import type { Reason } from "../wire/index.js";

/** What the hub decides for a session: who it is and what it may serve. */
export interface Admission {
  readonly agentId: number;
  readonly epoch: number;
  readonly token: Token;
  /** Of the secret that the session was opened with, by itself or by a ticket of it. */
  readonly secretHash: string;
  readonly ticket: Uint8Array;
  readonly ticketTtlSeconds: number;
}

export interface Refusal {
  readonly reason: Reason;
  readonly message: string;
  readonly retryAfterMs: number;
}

export interface ServedOutput {
  readonly output: Output;
  readonly bucketName: string;
}
