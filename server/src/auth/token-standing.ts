import type { Token } from "../catalog/model.js";

/** False when the token is unknown, switched off or expired: nobody gets in with it. `now` in Unix milliseconds. */
export function opensAnything(token: Token | undefined, now: number): token is Token {
  return token?.active === true && !isExpired(token, now);
}

/** True from the second on that the token is to end with. `now` in Unix milliseconds. */
export function isExpired({ expiresAt }: Token, now: number): boolean {
  return expiresAt !== 0 && expiresAt * 1000 <= now;
}
