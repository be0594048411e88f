import { randomBytes } from "node:crypto";

/** 43 characters of base64url: below the 72 bytes that bcrypt reads. */
const SECRET_BYTES = 32;

/** A secret that nobody can guess. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}
