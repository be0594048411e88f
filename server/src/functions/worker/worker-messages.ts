import type { FunctionCall } from "../function-call.js";
import type { FunctionResult } from "../function-result.js";

/** What a worker process is told: one run; the next one only after its result. */
export interface RunMessage {
  readonly call: FunctionCall;
  readonly deadlineMs: number;
}

/** What a worker process tells: that it has loaded, then one result per run. A body that did not change is left out. */
export type WorkerMessage = { readonly kind: "ready" } | { readonly kind: "result"; readonly result: FunctionResult };
