import { join } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "./config/load-config.js";
import { fileKeyEncryption } from "./crypto/file-key-encryption.js";
import { loadInstallationSecret } from "./crypto/installation-secret.js";
import type { KeyEncryption } from "./crypto/key-encryption.js";
import { type KeyFile, loadKeyFile } from "./crypto/key-file.js";
import { openKmsClient } from "./crypto/kms/kms-client.js";
import { parseKmsEndpoint } from "./crypto/kms/kms-endpoint.js";
import { KmsKeyEncryption } from "./crypto/kms/kms-key-encryption.js";
import { isKmsId, keyOfVersion } from "./crypto/kms/kms-key-name.js";
import { KmsWatch } from "./crypto/kms/kms-watch.js";
import { routedKeyEncryption } from "./crypto/routed-key-encryption.js";
import { type SettingSealer, settingSealer } from "./crypto/setting-sealer.js";
import type { Metrics } from "./telemetry/metrics.js";

/** How long a start waits for Cloud KMS. Whoever runs the server starts it again. */
const START_PATIENCE_MS = 10_000;

export interface OpenKeyEncryptionOptions {
  readonly config: Config;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What happens to a key in Cloud KMS while the server runs. */
export interface KeyListener {
  /** Data keys in memory must not be used any more. */
  locked(): void;
  /** The key can be used again. */
  recovered(): void;
  /** It has a new primary version. */
  rotated(): void;
}

export interface OpenedKeyEncryption {
  readonly keyEncryption: KeyEncryption;
  /** 32 bytes for a purpose, the same on all servers of the installation and after a restart. */
  readonly deriveKey: (purpose: string) => Buffer;
  readonly settingSealer: SettingSealer;
  /** Undefined without Cloud KMS. */
  readonly kms: KmsWatch | undefined;
  /** From now on the listener is told. */
  listen(listener: KeyListener): void;
  close(): Promise<void>;
}

/**
 * Opens the key-encryption key that the configuration names: the key file, a key in Cloud KMS, or both for the way between
 * them. Rejects, saying what to do, when the database depends on one that is not there.
 */
export async function openKeyEncryption(options: OpenKeyEncryptionOptions): Promise<OpenedKeyEncryption> {
  const { config, pool } = options;
  const used = await usedIds(pool);
  requireHolders(used, config);
  if (config.kmsKey === "") {
    const file = await loadKeyFile(config.keyFile || join(config.dataDir, "key"), { mayCreate: used.length === 0 });
    const keyEncryption = fileKeyEncryption(file);
    return {
      keyEncryption,
      deriveKey: file.deriveKey,
      settingSealer: await openSettingSealer(pool, keyEncryption),
      kms: undefined,
      listen: () => {},
      close: async () => {},
    };
  }
  const file = config.keyFile === "" ? undefined : await loadSecondKeyFile(config, used);
  const { kms, ...rest } = await openKms(options);
  try {
    const keyEncryption = routedKeyEncryption({
      wraps: config.wrapWith,
      file: file === undefined ? undefined : fileKeyEncryption(file),
      kms,
    });
    const deriveKey = await loadInstallationSecret(pool, keyEncryption, "root");
    const settingSealer = await openSettingSealer(pool, keyEncryption);
    return { keyEncryption, deriveKey, settingSealer, kms: rest.watch, listen: rest.listen, close: rest.close };
  } catch (error) {
    await rest.close();
    throw error;
  }
}

async function openSettingSealer(pool: pg.Pool, keyEncryption: KeyEncryption): Promise<SettingSealer> {
  const deriveKey = await loadInstallationSecret(pool, keyEncryption, "settings");
  return settingSealer(deriveKey("relay secrets of settings"));
}

async function openKms({ config, pool, logger, metrics }: OpenKeyEncryptionOptions) {
  let listener: KeyListener | undefined;
  const observer = metrics.kms();
  const client = await openKmsClient({
    endpoint: parseKmsEndpoint(config.kmsEndpoint),
    settingOf: (key) => (key === config.kmsKey ? "KMS_KEY" : "KMS_OLD_KEYS"),
    observer,
  });
  const kms = new KmsKeyEncryption({
    client,
    key: config.kmsKey,
    oldKeys: config.kmsOldKeys,
    isUsed: async (version) => (await usedIds(pool)).includes(version),
    require: () => watch.require(),
    suspect: () => watch.suspect(),
    onRotated: () => listener?.rotated(),
  });
  const watch = new KmsWatch({
    check: () => kms.check(),
    graceMs: config.kmsGraceMs,
    logger,
    onLocked: () => listener?.locked(),
    onRecovered: () => listener?.recovered(),
  });
  const close = async () => {
    await watch.stop();
    await client.close();
  };
  try {
    await watch.start(START_PATIENCE_MS);
  } catch (error) {
    await close();
    throw error;
  }
  logger.info({ key: kms.currentId() }, "kms.ready");
  observer.observe({
    standing: () => watch.standing.kind,
    secondsSinceGood: () => watch.secondsSinceGood,
    graceSeconds: () => {
      const { standing } = watch;
      if (standing.kind === "good") return undefined;
      return standing.kind === "locked" ? 0 : Math.max(0, (standing.until - Date.now()) / 1_000);
    },
  });
  const listen = (given: KeyListener) => {
    listener = given;
  };
  return { kms, watch, listen, close };
}

/** Beside Cloud KMS the file is made only when it is to wrap and nothing depends on one. */
function loadSecondKeyFile(config: Config, used: readonly string[]): Promise<KeyFile> {
  const depends = used.some((id) => !isKmsId(id));
  return loadKeyFile(config.keyFile, { mayCreate: config.wrapWith === "file" && !depends });
}

/** Ids of the key-encryption keys that something in the database is wrapped with. */
async function usedIds(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT kek_id AS id FROM bucket_keys UNION SELECT kek_id FROM installation_secrets",
  );
  return rows.map(({ id }) => id);
}

function requireHolders(used: readonly string[], { kmsKey, kmsOldKeys, keyFile }: Config): void {
  const ofFile = used.find((id) => !isKmsId(id));
  if (kmsKey !== "" && keyFile === "" && ofFile !== undefined) {
    throw new Error(
      `KMS_KEY is set, but the database holds keys that the key "${ofFile}" of a key file wraps. Set KEY_FILE, too, until everything is wrapped anew (docs/encryption.md, "From the key file to Cloud KMS").`,
    );
  }
  const known = new Set([kmsKey, ...kmsOldKeys]);
  const ofKms = used.find((id) => isKmsId(id) && !known.has(keyOfVersion(id) ?? ""));
  if (ofKms === undefined) return;
  throw new Error(
    kmsKey === ""
      ? `The database holds keys that Cloud KMS wraps with ${ofKms}. Set KMS_KEY to that key's name without the version (docs/encryption.md).`
      : `The database holds keys that Cloud KMS wraps with ${ofKms}, which is no version of KMS_KEY. If it was the key before, name it in KMS_OLD_KEYS until everything is wrapped anew.`,
  );
}
