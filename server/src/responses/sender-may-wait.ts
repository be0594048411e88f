import type { Input, Output } from "../catalog/model.js";
import { mayAnswer, responsePolicy } from "./response-policy.js";

/** Whether the webhook's sender may still wait for this output's answer. Milliseconds since 1970. */
export function senderMayWait(
  input: Input | undefined,
  output: Output,
  { receivedAtMs, now }: { receivedAtMs: number; now: number },
): boolean {
  const policy = input === undefined ? undefined : responsePolicy(input);
  return policy !== undefined && mayAnswer(policy, output) && now < receivedAtMs + policy.timeoutMs;
}
