import { createHmac, timingSafeEqual } from "node:crypto";

export type Algorithm = "sha1" | "sha256" | "sha512";
export type Encoding = "hex" | "base64";

export interface SignedWith {
  readonly algorithm: Algorithm;
  readonly encoding: Encoding;
  readonly keys: readonly Buffer[];
  /** Signed one after the other; texts as UTF-8. */
  readonly content: readonly (string | Buffer)[];
  /** Signatures that the sender gave; one that is right is enough. */
  readonly given: readonly string[];
}

/**
 * Whether one of the signatures is the HMAC (RFC 2104) of the content under one of the keys. The signatures are compared
 * as texts, so that no second spelling of the same bytes is let through, and in a time that tells nothing about how much
 * of one is right: everything is computed and compared, whatever was found before.
 */
export function signedWith(options: SignedWith): boolean {
  const { algorithm, encoding, keys, content, given } = options;
  const candidates = given.map((text) => Buffer.from(text));
  let found = false;
  for (const key of keys) {
    const hmac = createHmac(algorithm, key);
    for (const part of content) hmac.update(part);
    const expected = Buffer.from(hmac.digest(encoding));
    for (const candidate of candidates) {
      // The length is no secret: the algorithm has one.
      if (candidate.length === expected.length && timingSafeEqual(candidate, expected)) found = true;
    }
  }
  return found;
}
