import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SealBrokenError } from "./sealer.js";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals the secrets that people give to settings and that the server must be able to use. */
export interface SettingSealer {
  /** `context` says where the secret stands, such as `output ID signing.secret`: it opens nowhere else. */
  seal(context: string, secret: string): string;
  /** Throws `SealBrokenError` for what was damaged, moved or sealed by another installation. */
  open(context: string, sealed: string): string;
}

/** AES-256-GCM (NIST SP 800-38D) under `key`, as base64 of nonce, ciphertext and tag. */
export function settingSealer(key: Buffer): SettingSealer {
  return {
    seal: (context, secret) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString("base64");
    },
    open: (context, sealed) => {
      const bytes = Buffer.from(sealed, "base64");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBrokenError(`The secret of ${context} is cut short.`);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch {
        throw new SealBrokenError(`The secret of ${context} does not open: it was damaged or moved.`);
      }
    },
  };
}
