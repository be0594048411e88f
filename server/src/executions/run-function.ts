import type { FunctionCall } from "../functions/function-call.js";
import type { FunctionResult } from "../functions/function-result.js";

/** Runs functions; never rejects for what a function does. */
export interface FunctionRuns {
  run(call: FunctionCall): Promise<FunctionResult>;
}
