import type { AttemptEnd } from "../delivery/attempt-end.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import { retryAfterMs } from "../delivery/retry-after.js";
import { STATUS } from "../store/complete-deliveries.js";
import { type Ack, fieldOf, Outcome } from "../wire/index.js";

/** What an agent may write into columns of these sizes. */
const MAX_STATUS_CODE = 999;
const MAX_SMALLINT = 32_767;
const MAX_INTEGER = 2_147_483_647;

/** How the attempt of an ack ended, whatever numbers the agent wrote into it; without the destination's answer. */
export function attemptEndOf(
  ack: Ack,
  delivery: HeldDelivery,
  now: number,
): Omit<AttemptEnd, "keyVersion" | "response" | "answer"> {
  return {
    status: statusOf(ack.outcome),
    statusCode: ack.statusCode > MAX_STATUS_CODE ? 0 : ack.statusCode,
    attempt: Math.min(delivery.attempt + Math.max(0, ack.tries - 1), MAX_SMALLINT),
    durationMs: Math.min(ack.durationMs, MAX_INTEGER),
    errorClass: ack.outcome === Outcome.OUTCOME_UNREACHABLE ? "unreachable" : "",
    retryable: ack.outcome === Outcome.OUTCOME_UNREACHABLE,
    retryAfterMs: retryAfterMs(fieldOf(ack.response?.headers, "retry-after"), now),
  };
}

function statusOf(outcome: Outcome): number {
  switch (outcome) {
    case Outcome.OUTCOME_DELIVERED:
      return STATUS.sent;
    case Outcome.OUTCOME_BLOCKED:
      return STATUS.rejected;
    default:
      return STATUS.failed;
  }
}
