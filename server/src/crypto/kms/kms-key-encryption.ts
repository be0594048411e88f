import { randomBytes } from "node:crypto";
import type { KeyEncryption } from "../key-encryption.js";
import { KeyUnavailableError } from "../key-unavailable-error.js";
import type { KmsClient } from "./kms-client.js";
import { keyOfVersion } from "./kms-key-name.js";

const PROBE_CONTEXT = "relay check";

interface Sample {
  readonly wrapped: Uint8Array;
  readonly context: string;
}

export interface KmsKeyEncryptionOptions {
  readonly client: KmsClient;
  /** Full name of the key that wraps. */
  readonly key: string;
  /** Keys that still unwrap what they wrapped. */
  readonly oldKeys: readonly string[];
  /** Whether a row of the database still names this key version. */
  readonly isUsed: (version: string) => Promise<boolean>;
  /** Throws while Cloud KMS is not to be called. */
  readonly require: () => void;
  /** Told of each call that failed, but for single values that do not open. */
  readonly suspect: () => void;
  /** Told when another version became the primary one. */
  readonly onRotated: () => void;
}

/**
 * Wraps data keys with a key of Cloud KMS. The id in the database is the full name of the key version, so that one sees which
 * versions are still needed. Only the configured keys are ever asked: who can write to the database must not be able to
 * bring the server to use a key of his own.
 */
export class KmsKeyEncryption implements KeyEncryption {
  readonly #options: KmsKeyEncryptionOptions;
  /** One value per key version that opened: by it the check sees that a version was taken away. */
  readonly #samples = new Map<string, Sample>();
  #currentId = "";

  constructor(options: KmsKeyEncryptionOptions) {
    this.#options = options;
  }

  /** The primary version, as far as this server knows; the key itself before the first call. */
  currentId(): string {
    return this.#currentId || this.#options.key;
  }

  async wrap(dataKey: Uint8Array, context: string): Promise<{ kekId: string; wrapped: Buffer }> {
    const { client, key } = this.#options;
    const { version, ciphertext } = await this.#call(() => client.encrypt(key, dataKey, context));
    this.#learn(version);
    return { kekId: version, wrapped: ciphertext };
  }

  async unwrap(kekId: string, wrapped: Uint8Array, context: string): Promise<Buffer> {
    const { client } = this.#options;
    const key = this.#keyOf(kekId);
    const dataKey = await this.#call(() => client.decrypt(key, wrapped, context));
    this.#samples.set(kekId, { wrapped, context });
    return dataKey;
  }

  /** Rejects when the key, or a version that data keys in memory came from, cannot be used. Learns the primary version. */
  async check(): Promise<void> {
    const { client, key, isUsed } = this.#options;
    const probe = randomBytes(32);
    const { version, ciphertext } = await client.encrypt(key, probe, PROBE_CONTEXT);
    const back = await client.decrypt(key, ciphertext, PROBE_CONTEXT);
    if (!back.equals(probe))
      throw new KeyUnavailableError("away", `KMS_KEY: ${key} did not give back what it encrypted.`);
    this.#learn(version);
    for (const [kekId, { wrapped, context }] of this.#samples) {
      if (kekId === version) continue;
      try {
        (await client.decrypt(this.#keyOf(kekId), wrapped, context)).fill(0);
      } catch (error) {
        const refused = error instanceof KeyUnavailableError && error.kind === "refused";
        if (!refused || (await isUsed(kekId))) throw error;
        // Everything was wrapped anew before the version was taken away.
        this.#samples.delete(kekId);
      }
    }
  }

  #learn(primary: string): void {
    const rotated = this.#currentId !== "" && this.#currentId !== primary;
    this.#currentId = primary;
    if (rotated) this.#options.onRotated();
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    this.#options.require();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KeyUnavailableError && error.kind === "damaged")) this.#options.suspect();
      throw error;
    }
  }

  #keyOf(kekId: string): string {
    const key = keyOfVersion(kekId);
    if (key !== undefined && (key === this.#options.key || this.#options.oldKeys.includes(key))) return key;
    throw new KeyUnavailableError(
      "refused",
      `Data keys in the database are wrapped with ${kekId}, which is no version of KMS_KEY. If it was the key before, name it in KMS_OLD_KEYS until everything is wrapped anew.`,
    );
  }
}
