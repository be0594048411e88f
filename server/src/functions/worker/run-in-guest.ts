import type { FunctionResult } from "../function-result.js";
import type { Guest } from "../guest.js";
import type { AskHttp } from "../run-http.js";
import { RunState } from "../run-state.js";
import type { RunMessage } from "./worker-messages.js";

const NO_BYTES = new Uint8Array(0);

/** Runs a function in a guest and puts together what is told of it. A body that did not change is left out. */
export async function runInGuest(
  guest: Guest,
  { call, deadlineMs }: RunMessage,
  ask: AskHttp,
): Promise<FunctionResult> {
  const startedAt = performance.now();
  const run = new RunState(call, ask);
  const outcome = await guest.run(call, run, deadlineMs);
  const durationMs = performance.now() - startedAt;
  if (outcome.kind === "failed") return { ...outcome, logs: run.log.lines(), durationMs };
  const done = run.result(durationMs);
  return done.modified.body ? done : { ...done, request: { ...done.request, body: NO_BYTES } };
}
