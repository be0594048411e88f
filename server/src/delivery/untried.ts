import { STATUS } from "../store/complete-deliveries.js";
import type { AttemptEnd } from "./attempt-end.js";

/** Stalled: no attempt was made of it, and none will be. */
export function untried({ attempt }: { attempt: number }): AttemptEnd {
  return {
    status: STATUS.stalled,
    statusCode: 0,
    attempt,
    durationMs: 0,
    errorClass: "",
    retryable: false,
    retryAfterMs: undefined,
    keyVersion: 0,
    response: null,
    answer: undefined,
  };
}
