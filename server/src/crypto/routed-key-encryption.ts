import type { KeyEncryption } from "./key-encryption.js";
import { KeyUnavailableError } from "./key-unavailable-error.js";
import { isKmsId } from "./kms/kms-key-name.js";

export interface KeyEncryptionRoutes {
  readonly wraps: "file" | "kms";
  readonly file: KeyEncryption | undefined;
  readonly kms: KeyEncryption | undefined;
}

/** One of two wraps; each unwraps what it wrapped. For the way from a key file to Cloud KMS and back. */
export function routedKeyEncryption({ wraps, file, kms }: KeyEncryptionRoutes): KeyEncryption {
  const wrapping = wraps === "file" ? file : kms;
  if (wrapping === undefined) throw new RangeError(`key encryption: ${wraps} is to wrap, and is not there`);
  return {
    currentId: () => wrapping.currentId(),
    wrap: (dataKey, context) => wrapping.wrap(dataKey, context),
    async unwrap(kekId, wrapped, context) {
      const holder = isKmsId(kekId) ? kms : file;
      if (holder !== undefined) return holder.unwrap(kekId, wrapped, context);
      throw new KeyUnavailableError(
        "refused",
        isKmsId(kekId)
          ? `Data keys in the database are wrapped with ${kekId}: set KMS_KEY, too, until everything is wrapped anew.`
          : `Data keys in the database are wrapped with the key "${kekId}" of a key file: set KEY_FILE, too, until everything is wrapped anew.`,
      );
    },
  };
}
