import type { DestinationAnswer } from "../responses/destination-answer.js";
import { type Ack, type DestinationResponse, MAX_REPORTED_RESPONSE_BYTES } from "../wire/index.js";
import type { AnswerParts } from "./answer-parts.js";

/** The destination's answer that an ack ends; undefined when there is none, or something of it is missing. */
export function wholeAnswer(ack: Ack, parts: AnswerParts): DestinationAnswer | undefined {
  const { sequence, statusCode: status, response } = ack;
  const body = parts.take(sequence, response?.body ?? NOTHING);
  // What an agent says is passed on to senders: it must be something that HTTP can say.
  if (response?.whole !== true || body === undefined || status < 200 || status > 599) return undefined;
  return { status, headers: response.headers, body };
}

/** What is kept of the answer for the record: no more than agents report by themselves. */
export function reported({ response }: Ack, answer: DestinationAnswer | undefined): DestinationResponse | undefined {
  if (response === undefined) return undefined;
  const body = (answer ?? response).body.subarray(0, MAX_REPORTED_RESPONSE_BYTES);
  return { headers: response.headers, body: Buffer.from(body), whole: false };
}

const NOTHING = new Uint8Array();
