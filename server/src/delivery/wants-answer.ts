import type { Input, Output } from "../catalog/model.js";
import { senderMayWait } from "../responses/sender-may-wait.js";
import { hasResponseFunction } from "../webhook-functions/has-response-function.js";

/** Whether somebody wants to know what the output's destination answers, also when it takes the webhook. */
export function wantsAnswer(
  input: Input | undefined,
  output: Output,
  times: { readonly receivedAtMs: number; readonly now: number },
): boolean {
  return hasResponseFunction(output) || senderMayWait(input, output, times);
}

/** The same, for whoever has no catalog at hand; milliseconds since 1970. */
export type AsksForAnswer = (inputId: string, output: Output, receivedAtMs: number) => boolean;
