import type { OldSecret, Token } from "../catalog/model.js";

/** A token and the hash of that secret of it which somebody has shown: the present one, or the one before. */
export interface Identity {
  readonly token: Token;
  readonly secretHash: string;
}

/** False when the token is unknown, switched off or expired: nobody gets in with it. `now` in Unix milliseconds. */
export function opensAnything(token: Token | undefined, now: number): token is Token {
  return token?.active === true && !isExpired(token, now);
}

/** True from the second on that the token is to end with. `now` in Unix milliseconds. */
export function isExpired({ expiresAt }: Token, now: number): boolean {
  return expiresAt !== 0 && expiresAt * 1000 <= now;
}

/** The secret before the last rotation while it is still good. `now` in Unix milliseconds. */
export function validOldSecret({ oldSecret }: Token, now: number): OldSecret | undefined {
  return oldSecret !== null && oldSecret.validUntil * 1000 > now ? oldSecret : undefined;
}

/** What the secret of this hash is to the token; undefined when it is no longer good. `now` in Unix milliseconds. */
export function secretStanding(token: Token, secretHash: string, now: number): "current" | "old" | undefined {
  if (token.secretHash === secretHash) return "current";
  return validOldSecret(token, now)?.hash === secretHash ? "old" : undefined;
}
