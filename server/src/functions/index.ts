/** The runtime of functions, for programs that run them without a server. */
export type { FunctionCall, FunctionRequest } from "./function-call.js";
export type { FunctionDone, FunctionResult, LogLine } from "./function-result.js";
export { FunctionRunner } from "./function-runner.js";
export type { HttpAnswer, HttpAsk, HttpCaller } from "./http-ask.js";
