import type { HeldDelivery } from "../delivery/held-delivery.js";
import { type Completion, STATUS } from "../store/complete-deliveries.js";
import { type Ack, Outcome } from "../wire/index.js";

/** What an agent may write into columns of these sizes. */
const MAX_STATUS_CODE = 999;
const MAX_SMALLINT = 32_767;
const MAX_INTEGER = 2_147_483_647;

/** The outcome to record for an ack, whatever numbers the agent wrote into it; without the destination's answer. */
export function completionOf(ack: Ack, delivery: HeldDelivery): Omit<Completion, "id" | "keyVersion" | "response"> {
  return {
    status: statusOf(ack.outcome),
    statusCode: ack.statusCode > MAX_STATUS_CODE ? 0 : ack.statusCode,
    attempt: Math.min(delivery.attempt + Math.max(0, ack.tries - 1), MAX_SMALLINT),
    durationMs: Math.min(ack.durationMs, MAX_INTEGER),
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
