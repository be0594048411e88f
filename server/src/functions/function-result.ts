import type { FunctionRequest } from "./function-call.js";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Which parts differ from what was given. Parts that do not are the very bytes that were given. */
export interface ModifiedParts {
  readonly method: boolean;
  readonly path: boolean;
  readonly rawQuery: boolean;
  readonly headers: boolean;
  readonly body: boolean;
}

/** What the function wants the sender to be told; effective on inputs only. */
export interface FunctionResponse {
  readonly status?: number;
  readonly headers: [name: string, value: string][];
  readonly body?: Uint8Array;
}

export interface FunctionDone {
  readonly kind: "done";
  readonly request: FunctionRequest;
  readonly modified: ModifiedParts;
  /** Undefined when the function set nothing of it. */
  readonly response: FunctionResponse | undefined;
  /** `stopForwarding` was called. */
  readonly stopped: boolean;
  readonly logs: readonly LogLine[];
  readonly durationMs: number;
}

/**
 * Why a run gave nothing: `error` the function's own mistake; `timeout` the deadline; `memory` its memory; `output` more
 * than it may hand out; `busy` its bucket has too much waiting (try later); `crashed` its process died.
 */
export type FailureReason = "error" | "timeout" | "memory" | "output" | "busy" | "crashed";

export interface FunctionFailed {
  readonly kind: "failed";
  readonly reason: FailureReason;
  readonly message: string;
  /** Of the function's source, both counted from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly logs: readonly LogLine[];
  readonly durationMs: number;
}

export type FunctionResult = FunctionDone | FunctionFailed;
