import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from "node:crypto";
import type pg from "pg";
import { idBytes } from "../ids.js";
import { insertBucketKeys, type NewBucketKey, selectBucketKeys, type WrappedBucketKey } from "../store/bucket-keys.js";
import { bucketKeyContext } from "./bucket-key-context.js";
import type { KeyEncryption } from "./key-encryption.js";
import { KeyUnavailableError } from "./key-unavailable-error.js";
import { SealBrokenError, type Sealed, type Sealer } from "./sealer.js";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A data key is replaced after a day or this many webhooks: random 96-bit nonces stay safe below 2^32 messages per key
 * (NIST SP 800-38D section 8.3).
 */
const KEY_LIFETIME_MS = 86_400_000;
const KEY_MAX_SEALS = 2 ** 30;

/** Pause after a new data key could not be made, or one could not be opened: each try may be a call to another service. */
const RETRY_MS = 5_000;

/** Data keys that are opened with a bucket: the active one, and the one that webhooks still waiting may be sealed with. */
const OPENED_AT_ONCE = 2;

/** Data keys that are wrapped at a time when many buckets are made at once. */
const WRAPPED_AT_ONCE = 16;

interface DataKey {
  readonly version: number;
  readonly key: KeyObject;
  readonly createdAtMs: number;
}

interface BucketKeys {
  readonly id: Buffer;
  readonly versions: Map<number, DataKey>;
  active: DataKey;
  seals: number;
  rotating: boolean;
  rotateAfterMs: number;
}

export interface KeyringOptions {
  readonly pool: pg.Pool;
  readonly keyEncryption: KeyEncryption;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown, bucketId: string) => void;
}

/**
 * The data keys of all buckets this server has met, in clear in memory only; in the database they are wrapped. The newest ones
 * are opened with their bucket, older ones when something sealed with them is.
 */
export class Keyring implements Sealer {
  readonly #options: KeyringOptions;
  readonly #buckets = new Map<string, BucketKeys>();
  readonly #loading = new Map<string, Promise<unknown>>();
  /** Data keys that did not open a moment ago, as `bucket version`. */
  readonly #failed = new Map<string, { readonly error: unknown; readonly untilMs: number }>();
  /** Grows when all keys are forgotten: what was being opened then is not kept. */
  #generation = 0;
  readonly #nonces = Buffer.allocUnsafe(NONCE_BYTES * 512);
  #nonceAt = this.#nonces.length;
  /** Seals what unknown inputs get, so that it takes the same work. */
  readonly #decoyKey = createSecretKey(randomBytes(32));

  constructor(options: KeyringOptions) {
    this.#options = options;
  }

  /** True when `seal` can be called for the bucket; else await `load` first. */
  has(bucketId: string): boolean {
    return this.#buckets.has(bucketId);
  }

  seal(bucketId: string, rowId: Uint8Array, plaintext: Uint8Array): Sealed {
    const bucket = this.#buckets.get(bucketId);
    if (bucket === undefined) throw new Error(`keyring: no key loaded for bucket ${bucketId}`);
    bucket.seals += 1;
    const { active } = bucket;
    if (bucket.seals > KEY_MAX_SEALS || this.#options.now() - active.createdAtMs > KEY_LIFETIME_MS)
      this.#rotate(bucketId, bucket);
    return { keyVersion: active.version, bytes: this.#encrypt(active.key, bucket.id, rowId, plaintext) };
  }

  /** The same work as `seal`, for a webhook that nobody will read: nobody has the key. */
  sealDecoy(rowId: Uint8Array, plaintext: Uint8Array): Buffer {
    return this.#encrypt(this.#decoyKey, rowId, rowId, plaintext);
  }

  async open(bucketId: string, rowId: Uint8Array, keyVersion: number, sealed: Uint8Array): Promise<Buffer> {
    const key =
      this.#buckets.get(bucketId)?.versions.get(keyVersion) ??
      (await this.#once(`${bucketId} ${keyVersion}`, () => this.#openOlder(bucketId, keyVersion)));
    if (key === undefined)
      throw new SealBrokenError(`No data key ${keyVersion} of bucket ${bucketId}: it was destroyed.`);
    if (sealed.length < NONCE_BYTES + TAG_BYTES) {
      throw new SealBrokenError(`A sealed value of bucket ${bucketId} is cut short.`);
    }
    const body = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key.key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(idBytes(bucketId), rowId));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (cause) {
      throw new SealBrokenError(
        `A sealed value of bucket ${bucketId} does not open: damaged, or moved from another row.`,
        { cause },
      );
    }
  }

  /** Makes the bucket's keys ready, making the first one when it has none. Rejects when the bucket is gone. */
  async load(bucketId: string): Promise<void> {
    if (this.#buckets.has(bucketId)) return;
    await this.#once(bucketId, () => this.#load(bucketId));
  }

  /** Makes the first key of each of these buckets, inside the transaction that makes the buckets. */
  createFirstKeys(client: pg.ClientBase, bucketIds: readonly string[]): Promise<void> {
    return this.#insertKeys(client, bucketIds, 1);
  }

  /** Forgets the keys of a deleted bucket. */
  forget(bucketId: string): void {
    this.#buckets.delete(bucketId);
  }

  /** Forgets the keys of buckets that no longer exist, also those deleted on another server. */
  keepOnly(known: (bucketId: string) => boolean): void {
    for (const bucketId of this.#buckets.keys()) if (!known(bucketId)) this.#buckets.delete(bucketId);
    for (const name of this.#failed.keys()) if (!known(name.split(" ")[0] ?? "")) this.#failed.delete(name);
  }

  /** Forgets all keys: the key-encryption key must not be used any more. */
  forgetAll(): void {
    this.#generation += 1;
    this.#buckets.clear();
  }

  #encrypt(key: KeyObject, bucketId: Uint8Array, rowId: Uint8Array, plaintext: Uint8Array): Buffer {
    if (this.#nonceAt === this.#nonces.length) {
      randomFillSync(this.#nonces);
      this.#nonceAt = 0;
    }
    const nonce = this.#nonces.subarray(this.#nonceAt, this.#nonceAt + NONCE_BYTES);
    this.#nonceAt += NONCE_BYTES;
    const cipher: CipherGCM = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(bucketId, rowId));
    const bytes = Buffer.allocUnsafe(NONCE_BYTES + plaintext.length + TAG_BYTES);
    nonce.copy(bytes);
    cipher.update(plaintext).copy(bytes, NONCE_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(bytes, NONCE_BYTES + plaintext.length);
    return bytes;
  }

  /** Whoever asks for the same while it is under way gets the same. */
  #once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const running = this.#loading.get(name) as Promise<T> | undefined;
    if (running !== undefined) return running;
    const loading = work().finally(() => this.#loading.delete(name));
    this.#loading.set(name, loading);
    return loading;
  }

  async #load(bucketId: string): Promise<void> {
    const generation = this.#generation;
    let rows = await this.#select(bucketId);
    if (rows.length === 0) {
      const client = await this.#options.pool.connect();
      try {
        await this.#insertKeys(client, [bucketId], 1);
      } finally {
        client.release();
      }
      rows = await this.#select(bucketId);
    }
    const before = this.#buckets.get(bucketId);
    const open = async (row: WrappedBucketKey) =>
      before?.versions.get(row.version) ?? (await this.#unwrap(bucketId, row));
    // The newest is first, and must open; what the other one sealed can wait.
    const [active, other] = await Promise.all(
      rows.map(async (row, i) => (i === 0 ? open(row) : open(row).catch(() => undefined))),
    );
    if (active === undefined) throw new Error(`keyring: bucket ${bucketId} has no key`);
    if (generation !== this.#generation)
      throw new Error(`keyring: the keys of bucket ${bucketId} were forgotten meanwhile`);
    const versions = before?.versions ?? new Map<number, DataKey>();
    for (const key of [active, other]) if (key !== undefined) versions.set(key.version, key);
    const seals = before?.active.version === active.version ? before.seals : 0;
    this.#buckets.set(bucketId, { id: idBytes(bucketId), versions, active, seals, rotating: false, rotateAfterMs: 0 });
  }

  /** A data key that was not opened with its bucket; undefined when it was destroyed. */
  async #openOlder(bucketId: string, version: number): Promise<DataKey | undefined> {
    const generation = this.#generation;
    await this.load(bucketId);
    const loaded = this.#buckets.get(bucketId)?.versions.get(version);
    if (loaded !== undefined) return loaded;
    const [row] = await this.#select(bucketId, version);
    if (row === undefined) return undefined;
    const key = await this.#unwrap(bucketId, row).catch((error: unknown) => {
      if (!(error instanceof KeyUnavailableError) || error.kind !== "damaged") throw error;
      throw new SealBrokenError(`The data key ${version} of bucket ${bucketId} does not open.`, { cause: error });
    });
    if (generation === this.#generation) this.#buckets.get(bucketId)?.versions.set(version, key);
    return key;
  }

  async #unwrap(bucketId: string, { version, kekId, wrapped, createdAt }: WrappedBucketKey): Promise<DataKey> {
    const name = `${bucketId} ${version}`;
    const failed = this.#failed.get(name);
    if (failed !== undefined && failed.untilMs > this.#options.now()) throw failed.error;
    try {
      const raw = await this.#options.keyEncryption.unwrap(kekId, wrapped, bucketKeyContext(bucketId, version));
      const key = { version, key: createSecretKey(raw), createdAtMs: createdAt.getTime() };
      raw.fill(0);
      this.#failed.delete(name);
      return key;
    } catch (error) {
      // A key-encryption key that is away or refused tells so at once, and as soon as it is back everything opens again.
      const passing = error instanceof KeyUnavailableError && error.kind !== "damaged";
      if (!passing) this.#failed.set(name, { error, untilMs: this.#options.now() + RETRY_MS });
      throw error;
    }
  }

  #select(bucketId: string, version?: number): Promise<WrappedBucketKey[]> {
    return selectBucketKeys(this.#options.pool, bucketId, { version, limit: OPENED_AT_ONCE });
  }

  async #insertKeys(client: pg.ClientBase, bucketIds: readonly string[], version: number): Promise<void> {
    const keys: NewBucketKey[] = [];
    const make = async (bucketId: string) => {
      const raw = randomBytes(32);
      const key = await this.#options.keyEncryption.wrap(raw, bucketKeyContext(bucketId, version));
      raw.fill(0);
      return { bucketId, ...key };
    };
    for (let from = 0; from < bucketIds.length; from += WRAPPED_AT_ONCE) {
      keys.push(...(await Promise.all(bucketIds.slice(from, from + WRAPPED_AT_ONCE).map(make))));
    }
    await insertBucketKeys(client, version, keys);
  }

  #rotate(bucketId: string, bucket: BucketKeys): void {
    if (bucket.rotating || this.#options.now() < bucket.rotateAfterMs) return;
    bucket.rotating = true;
    const next = async () => {
      const client = await this.#options.pool.connect();
      try {
        await this.#insertKeys(client, [bucketId], bucket.active.version + 1);
      } finally {
        client.release();
      }
      await this.#once(bucketId, () => this.#load(bucketId));
    };
    next().catch((error: unknown) => {
      bucket.rotating = false;
      bucket.rotateAfterMs = this.#options.now() + RETRY_MS;
      this.#options.onError(error, bucketId);
    });
  }
}

function associatedData(bucketId: Uint8Array, rowId: Uint8Array): Buffer {
  const data = Buffer.allocUnsafe(32);
  data.set(rowId, 0);
  data.set(bucketId, 16);
  return data;
}
