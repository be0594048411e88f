import type pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "./catalog/catalog.js";
import { keepRewrapped } from "./crypto/keep-rewrapped.js";
import { Keyring } from "./crypto/keyring.js";
import { kmsNotice } from "./crypto/kms/kms-notice.js";
import { preloadKeys } from "./crypto/preload-keys.js";
import type { OpenedKeyEncryption } from "./open-key-encryption.js";

export interface OpenKeyringOptions {
  readonly keys: OpenedKeyEncryption;
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly logger: Logger;
}

export interface OpenedKeyring {
  readonly keyring: Keyring;
  /** True when no data key may be used. */
  readonly locked: () => boolean;
  /** What the health check says of the key-encryption key; undefined when all is well. */
  readonly notice: () => { readonly ready: boolean; readonly text: string } | undefined;
  /** Wrapped keys that could not be wrapped anew. */
  readonly keysToRewrap: () => number;
  close(): Promise<void>;
}

/** The buckets' data keys, under an opened key-encryption key. */
export function openKeyring({ keys, pool, catalog, logger }: OpenKeyringOptions): OpenedKeyring {
  const { keyEncryption, kms, listen } = keys;
  const keyring = new Keyring({
    pool,
    keyEncryption,
    now: Date.now,
    onError: (error, bucket) => logger.warn({ err: error, bucket }, "key.rotation-failed"),
  });
  const rewrapping = keepRewrapped({ pool, keyEncryption, logger });
  const preload = preloadKeys({
    keyring,
    bucketIds: () => catalog.buckets().flatMap(({ id, ephemeral }) => (ephemeral ? [] : [id])),
    onError: (error, bucket) => logger.warn({ err: error, bucket }, "key.not-loaded"),
  });
  listen({
    locked: () => keyring.forgetAll(),
    recovered: () => {
      preload.run();
      rewrapping.run();
    },
    rotated: () => rewrapping.run(),
  });
  // A key file opens a key in a microsecond: what is not used need not be in memory.
  const unsubscribe = kms === undefined ? () => false : catalog.onChange(preload.run);
  if (kms !== undefined) preload.run();
  return {
    keyring,
    locked: () => kms?.standing.kind === "locked",
    notice: () => (kms === undefined ? undefined : kmsNotice(kms.standing)),
    keysToRewrap: () => rewrapping.left,
    close: async () => {
      unsubscribe();
      await Promise.all([rewrapping.stop(), preload.stop()]);
    },
  };
}
