import { FUNCTION_LIMITS } from "../function-limits.js";
import type { HttpAnswer, HttpAsk } from "../http-ask.js";

/**
 * How a worker and its parent speak of HTTP calls, on a socket of their own: the length of a head in JSON and that of a
 * body, four bytes each, most significant first; the head; the body. One question at a time, and its answer.
 */
export const LENGTHS_BYTES = 8;

/** The worker's end of the pair, behind the three standard ones and the channel. */
export const ASK_FD = 4;

/** Largest head: a URL and header lines, at their limits and escaped. */
const MAX_HEAD_BYTES = 1 << 20;

export interface FrameLengths {
  readonly head: number;
  readonly body: number;
}

export function encodeAsk({ body, ...head }: HttpAsk): Buffer {
  return frame(head, body);
}

/** Throws when it is nothing that a worker of ours would write. */
export function decodeAsk(head: Buffer, body: Buffer): HttpAsk {
  const { method, url, headers, timeoutMs } = JSON.parse(head.toString("utf8")) as Partial<HttpAsk>;
  const isLine = (line: unknown): boolean =>
    Array.isArray(line) && line.length === 2 && line.every((part) => typeof part === "string");
  if (typeof method !== "string" || typeof url !== "string" || typeof timeoutMs !== "number") {
    throw new Error("this is no question of a worker");
  }
  if (!Array.isArray(headers) || !headers.every(isLine)) throw new Error("this is no question of a worker");
  return { method, url, headers, timeoutMs, body };
}

export function encodeAnswer(answer: HttpAnswer): Buffer {
  if (answer.kind === "failed") return frame(answer, new Uint8Array());
  const { body, ...head } = answer;
  return frame(head, body);
}

export function decodeAnswer(head: Buffer, body: Buffer): HttpAnswer {
  const answer = JSON.parse(head.toString("utf8")) as HttpAnswer;
  return answer.kind === "failed" ? answer : { ...answer, body };
}

/** Throws when there would be more than anybody sends. */
export function readLengths(bytes: Buffer): FrameLengths {
  const lengths = { head: bytes.readUInt32BE(0), body: bytes.readUInt32BE(4) };
  const most = Math.max(FUNCTION_LIMITS.httpRequestBytes, FUNCTION_LIMITS.httpAnswerBytes);
  if (lengths.head > MAX_HEAD_BYTES || lengths.body > most) throw new Error("a frame is too large");
  return lengths;
}

function frame(head: object, body: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(head), "utf8");
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(text.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  return Buffer.concat([lengths, text, body]);
}
