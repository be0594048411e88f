import type { Sealer } from "../crypto/sealer.js";
import type { DestinationAnswer } from "../responses/destination-answer.js";
import { STATUS } from "../store/complete-deliveries.js";
import { Ack, fieldOf, MAX_REPORTED_RESPONSE_BYTES, Outcome } from "../wire/index.js";
import type { AttemptEnd } from "./attempt-end.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { PublicAnswer } from "./public-call.js";
import { retryAfterMs } from "./retry-after.js";

/** How an attempt at a public destination ended, with what it answered sealed when it did not take the webhook. */
export function publicAttemptEnd(
  delivery: HeldDelivery,
  answer: PublicAnswer,
  { sealer, now }: { sealer: Sealer; now: number },
): AttemptEnd {
  const delivered = answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
  const blocked = answer.kind === "failed" && answer.blocked;
  const kept = delivered || delivery.ephemeral ? undefined : sealed(delivery, answer, sealer);
  return {
    status: delivered ? STATUS.sent : blocked ? STATUS.rejected : STATUS.failed,
    statusCode: answer.kind === "answered" ? answer.status : 0,
    attempt: delivery.attempt,
    durationMs: Math.round(answer.durationMs),
    errorClass: answer.kind === "failed" ? answer.errorClass : "",
    retryable: answer.kind === "failed" && answer.retryable,
    retryAfterMs: answer.kind === "answered" ? retryAfterMs(fieldOf(answer.headers, "retry-after"), now) : undefined,
    keyVersion: kept?.keyVersion ?? 0,
    response: kept?.bytes ?? null,
    answer: delivery.wantsAnswer ? wholeAnswer(answer) : undefined,
  };
}

function wholeAnswer(answer: PublicAnswer): DestinationAnswer | undefined {
  if (answer.kind === "failed" || answer.truncated) return undefined;
  const { status, headers, body } = answer;
  return { status, headers, body };
}

/** In the form that the agents' answers are kept in. */
function sealed(delivery: HeldDelivery, answer: PublicAnswer, sealer: Sealer) {
  const text = answer.kind === "answered" ? answer.error : answer.text;
  const response =
    answer.kind === "answered"
      ? {
          headers: Buffer.from(answer.headers),
          body: Buffer.from(answer.body.subarray(0, MAX_REPORTED_RESPONSE_BYTES)),
          whole: false,
        }
      : undefined;
  const ack: Ack = {
    sequence: 0,
    outcome: answer.kind === "answered" ? Outcome.OUTCOME_FAILED : Outcome.OUTCOME_UNREACHABLE,
    statusCode: answer.kind === "answered" ? answer.status : 0,
    durationMs: Math.round(answer.durationMs),
    tries: 1,
    error: text,
    response,
    fromLedger: false,
  };
  try {
    return sealer.seal(delivery.bucketId, delivery.idBytes, Ack.encode(ack).finish());
  } catch {
    // The bucket was deleted meanwhile: there is no key and nobody to show it to.
    return undefined;
  }
}
