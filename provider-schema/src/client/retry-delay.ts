import type { Answer } from "./answer.js";

const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Refused before it was looked at: the same request may be sent again, whatever it was. */
const NOT_TAKEN = new Set([429, 503]);
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/**
 * How long to wait before a failed request is sent again, in milliseconds with jitter; undefined: it must not be. What may
 * have been carried out is repeated only when that is harmless: a POST would make a second object.
 */
export function retryDelayMs({
  method,
  answer,
  failure,
  tries,
}: {
  method: string;
  answer: Answer | undefined;
  failure: Error | undefined;
  tries: number;
}): number | undefined {
  const code = (failure as NodeJS.ErrnoException | undefined)?.code ?? "";
  const notTaken = answer === undefined ? NOT_SENT.has(code) : NOT_TAKEN.has(answer.status);
  const broken = answer === undefined || answer.status >= 500;
  if (!notTaken && !(broken && method !== "POST")) return undefined;
  const asked = Number(answer?.retryAfter);
  if (Number.isFinite(asked) && asked >= 0) return Math.min(asked * 1000, 60_000) + Math.random() * FIRST_MS;
  return Math.random() * Math.min(MAX_MS, FIRST_MS * 2 ** tries) + FIRST_MS / 2;
}
