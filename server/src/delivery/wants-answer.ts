import type { Input, Output } from "../catalog/model.js";
import { mayAnswer, responsePolicy } from "../responses/response-policy.js";
import { hasResponseFunction } from "../webhook-functions/has-response-function.js";

/** Whether somebody wants to know what the output's destination answers, also when it takes the webhook. */
export function wantsAnswer(
  input: Input | undefined,
  output: Output,
  { receivedAtMs, now }: { receivedAtMs: number; now: number },
): boolean {
  if (hasResponseFunction(output)) return true;
  const policy = input === undefined ? undefined : responsePolicy(input);
  return policy !== undefined && mayAnswer(policy, output) && now < receivedAtMs + policy.timeoutMs;
}

/** The same, for whoever has no catalog at hand; milliseconds since 1970. */
export type AsksForAnswer = (inputId: string, output: Output, receivedAtMs: number) => boolean;
