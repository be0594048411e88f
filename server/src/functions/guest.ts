import type { FunctionCall } from "./function-call.js";
import type { GuestOutcome } from "./guest-outcome.js";
import type { RunState } from "./run-state.js";

/** An interpreter in WebAssembly that runs functions, one at a time, each in a state of its own. */
export interface Guest {
  /** Makes everything ready for the next run ahead of it. */
  prepare(): Promise<void>;
  /** Runs a function, in a memory that holds nothing of another bucket's; `deadlineMs` is from now. */
  run(call: FunctionCall, run: RunState, deadlineMs: number): Promise<GuestOutcome>;
}
