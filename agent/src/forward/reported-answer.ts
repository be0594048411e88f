import type { CallResult } from "@relay/server/destination";
import {
  type Ack,
  ANSWER_PART_BYTES,
  encodeHeaderBlock,
  MAX_REPORTED_RESPONSE_BYTES,
  Outcome,
} from "@relay/server/wire";
import type { Job } from "./job.js";
import type { JobEnd } from "./output-queue.js";

/**
 * What the ack says of the destination's answer: all of it when somebody waits for it, else the head of one that did not
 * deliver. What has no room in the ack goes before it: `sendPart` is called with each piece of the body, in order.
 */
export function reportedAnswer(
  { answerKept }: Pick<Job, "answerKept">,
  { outcome, result }: JobEnd,
  sendPart: (body: Uint8Array) => void,
): Ack["response"] {
  if (result === null || result.status === 0) return undefined;
  if (answerKept && !result.truncated && result.cut === null) {
    const body = Buffer.concat(result.body);
    let at = 0;
    for (; body.length - at > ANSWER_PART_BYTES; at += ANSWER_PART_BYTES) {
      sendPart(body.subarray(at, at + ANSWER_PART_BYTES));
    }
    return { headers: headerBlock(result), body: body.subarray(at), whole: true };
  }
  if (outcome === Outcome.OUTCOME_DELIVERED) return undefined;
  const body = Buffer.concat(result.body).subarray(0, MAX_REPORTED_RESPONSE_BYTES);
  return { headers: headerBlock(result), body, whole: false };
}

function headerBlock({ headers }: CallResult): Uint8Array {
  return encodeHeaderBlock(headers.map((part) => part.toString("latin1")));
}
