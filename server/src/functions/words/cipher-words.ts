import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { GuestMistake } from "../guest-mistake.js";
import { bytes, type GuestValue, text } from "../guest-value.js";
import type { Word } from "./word.js";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encryption of texts and bytes under a secret: AES-256-GCM (NIST SP 800-38D), whose key is the SHA-256 of the secret. What
 * comes out is base64 of a random nonce of 12 bytes, the ciphertext, and the tag of 16 bytes.
 */
export const CIPHER_WORDS: Readonly<Record<string, Word>> = {
  encrypt: (_run, [data, secret]) => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, keyOf(secret), nonce);
    const sealed = [nonce, cipher.update(bytes(data, "the data")), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString("base64");
  },
  decrypt: (_run, [data, secret]) => decrypted(data, secret),
  decryptText: (_run, [data, secret]) => decrypted(data, secret).toString("utf8"),
};

function decrypted(data: GuestValue, secret: GuestValue): Buffer {
  const sealed = Buffer.from(text(data, "the data"), "base64");
  const key = keyOf(secret);
  try {
    const tagAt = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(tagAt));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
  } catch {
    throw new GuestMistake("the data cannot be decrypted: it was changed, or encrypted with another key");
  }
}

function keyOf(secret: GuestValue): Buffer {
  const given = bytes(secret, "the key");
  if (given.length === 0) throw new GuestMistake("the key is empty");
  return createHash("sha256").update(given).digest();
}
