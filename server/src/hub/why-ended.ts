import { isExpired, secretStanding } from "../auth/token-standing.js";
import type { Token } from "../catalog/model.js";
import { Reason } from "../wire/index.js";
import type { Refusal } from "./admission.js";

/** Why nobody may stay who came with this secret of the token; undefined when they may. `now` in Unix milliseconds. */
export function whyEnded(token: Token | undefined, secretHash: string, now: number): Refusal | undefined {
  if (token === undefined || !token.active) return refusal("The token was revoked.");
  if (isExpired(token, now)) return refusal("The token has expired.");
  if (secretStanding(token, secretHash, now) !== undefined) return undefined;
  return refusal("The token has a new secret, and the one of this agent has ended: give it the new one.");
}

function refusal(message: string): Refusal {
  return { reason: Reason.REASON_UNAUTHORIZED, message, retryAfterMs: 0 };
}
