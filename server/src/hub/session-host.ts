import type { Output, Token } from "../catalog/model.js";
import type { Hello, Outcome, Reason } from "../wire/index.js";
import type { AgentSession } from "./agent-session.js";
import type { AgentTransport } from "./agent-transport.js";

/** What the hub decides for a session: who it is and what it may serve. */
export interface Admission {
  readonly agentId: number;
  readonly epoch: number;
  readonly token: Token;
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

export interface SessionHost {
  admit(hello: Hello, transport: AgentTransport, session: AgentSession): Promise<Admission | Refusal>;
  /** Outputs of the token's buckets that the agent asked for, and the bucket names it may not have. */
  outputsFor(token: Token, hello: Hello): { served: ServedOutput[]; unknownBuckets: string[] };
  /** The session serves its outputs from now on; told once, after Welcome and the first Outputs. */
  opened(session: AgentSession): void;
  closed(session: AgentSession): void;
  delivered(outcome: Outcome, seconds: number): void;
  readonly heartbeatMs: number;
  readonly resumeWindowMs: number;
  readonly serverVersion: string;
}
