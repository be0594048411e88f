import { randomBytes } from "node:crypto";

/** The user name under which clients present the account's API key: Basic `whr:sk-...` means the same as Bearer `sk-...`. */
export const ACCOUNT_KEY_NAME = "whr";

const PREFIX = "sk-";
/** With the prefix 46 characters: below the 72 bytes that bcrypt reads. */
const SECRET_BYTES = 32;
const HINT_CHARACTERS = 4;

/** A new secret, and what may be kept of it in clear for people to recognise it by. */
export function newAccountKey(): { readonly secret: string; readonly hint: string } {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString("base64url");
  return { secret, hint: secret.slice(-HINT_CHARACTERS) };
}

/** The key as it is shown when it was shown already. */
export function maskedAccountKey(hint: string): string {
  return `${PREFIX}${"*".repeat(8)}${hint}`;
}

/** False: a bearer token of another kind, not worth a bcrypt check. */
export function looksLikeAccountKey(secret: string): boolean {
  return secret.startsWith(PREFIX);
}
