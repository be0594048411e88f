import type pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "./catalog/catalog.js";
import type { Config } from "./config/load-config.js";
import { keepRewrapped } from "./crypto/keep-rewrapped.js";
import { Keyring } from "./crypto/keyring.js";
import { kmsNotice } from "./crypto/kms/kms-notice.js";
import { preloadKeys } from "./crypto/preload-keys.js";
import { openKeyEncryption } from "./open-key-encryption.js";
import type { Metrics } from "./telemetry/metrics.js";

export interface OpenKeyringOptions {
  readonly config: Config;
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface OpenedKeyring {
  readonly keyring: Keyring;
  /** 32 bytes for a purpose, the same on all servers of the installation and after a restart. */
  readonly deriveKey: (purpose: string) => Buffer;
  /** True when no data key may be used. */
  readonly locked: () => boolean;
  /** What the health check says of the key-encryption key; undefined when all is well. */
  readonly notice: () => { readonly ready: boolean; readonly text: string } | undefined;
  /** Wrapped keys that could not be wrapped anew. */
  readonly keysToRewrap: () => number;
  close(): Promise<void>;
}

/** Opens the key-encryption key and everything that hangs on it. Rejects when it cannot be used. */
export async function openKeyring({
  config,
  pool,
  catalog,
  logger,
  metrics,
}: OpenKeyringOptions): Promise<OpenedKeyring> {
  const { keyEncryption, deriveKey, kms, listen, close } = await openKeyEncryption({ config, pool, logger, metrics });
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
    deriveKey,
    locked: () => kms?.standing.kind === "locked",
    notice: () => (kms === undefined ? undefined : kmsNotice(kms.standing)),
    keysToRewrap: () => rewrapping.left,
    close: async () => {
      unsubscribe();
      await Promise.all([rewrapping.stop(), preload.stop()]);
      await close();
    },
  };
}
