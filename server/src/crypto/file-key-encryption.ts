import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyEncryption } from "./key-encryption.js";
import type { KeyFile } from "./key-file.js";

/** Wraps data keys with the keys of a key file: AES-256-GCM, nonce + ciphertext + tag, the context as associated data. */
export function fileKeyEncryption(file: KeyFile): KeyEncryption {
  return {
    currentId: () => file.currentId,
    async wrap(dataKey, context) {
      const kek = file.key(file.currentId);
      if (kek === undefined) throw new Error(`key file: no key ${file.currentId}`);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", kek, nonce);
      cipher.setAAD(Buffer.from(context));
      const wrapped = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
      return { kekId: file.currentId, wrapped };
    },
    async unwrap(kekId, wrapped, context) {
      const kek = file.key(kekId);
      if (kek === undefined) {
        throw new Error(
          `The key file has no key "${kekId}", which data keys in the database are wrapped with. Restore the key file from its backup.`,
        );
      }
      const decipher = createDecipheriv("aes-256-gcm", kek, wrapped.subarray(0, 12));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(wrapped.subarray(wrapped.length - 16));
      try {
        return Buffer.concat([decipher.update(wrapped.subarray(12, wrapped.length - 16)), decipher.final()]);
      } catch (cause) {
        throw new Error(
          `A data key does not open with key "${kekId}": the key file is of another installation, or the row is damaged.`,
          { cause },
        );
      }
    },
  };
}
