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
import type { KeyEncryption } from "./key-encryption.js";
import { SealBrokenError, type Sealed, type Sealer } from "./sealer.js";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A data key is replaced after a day or this many webhooks: random 96-bit nonces stay safe below 2^32 messages per key
 * (NIST SP 800-38D section 8.3).
 */
const KEY_LIFETIME_MS = 86_400_000;
const KEY_MAX_SEALS = 2 ** 30;

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
}

export interface KeyringOptions {
  readonly pool: pg.Pool;
  readonly keyEncryption: KeyEncryption;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown, bucketId: string) => void;
}

/** The data keys of all buckets this server has met, in clear in memory only; in the database they are wrapped. */
export class Keyring implements Sealer {
  readonly #options: KeyringOptions;
  readonly #buckets = new Map<string, BucketKeys>();
  readonly #loading = new Map<string, Promise<void>>();
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
    let key = this.#buckets.get(bucketId)?.versions.get(keyVersion);
    if (key === undefined) {
      await this.load(bucketId);
      key = this.#buckets.get(bucketId)?.versions.get(keyVersion);
    }
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

  /** Loads the bucket's keys, making the first one when it has none. Rejects when the bucket is gone. */
  load(bucketId: string): Promise<void> {
    const running = this.#loading.get(bucketId);
    if (running !== undefined) return running;
    const loading = this.#load(bucketId).finally(() => this.#loading.delete(bucketId));
    this.#loading.set(bucketId, loading);
    return loading;
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

  async #load(bucketId: string): Promise<void> {
    const { pool, keyEncryption } = this.#options;
    let rows = await this.#select(bucketId);
    if (rows.length === 0) {
      const client = await pool.connect();
      try {
        await this.#insertKeys(client, [bucketId], 1);
      } finally {
        client.release();
      }
      rows = await this.#select(bucketId);
    }
    const versions = new Map<number, DataKey>();
    let active: DataKey | undefined;
    for (const row of rows) {
      const raw = await keyEncryption.unwrap(row.kekId, row.wrapped, wrapContext(bucketId, row.version));
      active = { version: row.version, key: createSecretKey(raw), createdAtMs: row.createdAt.getTime() };
      raw.fill(0);
      versions.set(row.version, active);
    }
    if (active === undefined) throw new Error(`keyring: bucket ${bucketId} has no key`);
    this.#buckets.set(bucketId, { id: idBytes(bucketId), versions, active, seals: 0, rotating: false });
  }

  async #select(bucketId: string): Promise<{ version: number; kekId: string; wrapped: Buffer; createdAt: Date }[]> {
    const { rows } = await this.#options.pool.query(
      `SELECT version, kek_id AS "kekId", wrapped, created_at AS "createdAt" FROM bucket_keys WHERE bucket_id = $1 ORDER BY version`,
      [bucketId],
    );
    return rows;
  }

  /** Inserts a key version of each bucket; where another server inserted the same one first, theirs stands. */
  async #insertKeys(client: pg.ClientBase, bucketIds: readonly string[], version: number): Promise<void> {
    const kekIds: string[] = [];
    const keys: Buffer[] = [];
    for (const bucketId of bucketIds) {
      const raw = randomBytes(32);
      const { kekId, wrapped } = await this.#options.keyEncryption.wrap(raw, wrapContext(bucketId, version));
      raw.fill(0);
      kekIds.push(kekId);
      keys.push(wrapped);
    }
    await client.query(
      `INSERT INTO bucket_keys (bucket_id, version, kek_id, wrapped)
       SELECT bucket_id, $1, kek_id, wrapped FROM unnest($2::uuid[], $3::text[], $4::bytea[]) AS r (bucket_id, kek_id, wrapped)
       ON CONFLICT DO NOTHING`,
      [version, bucketIds, kekIds, keys],
    );
  }

  #rotate(bucketId: string, bucket: BucketKeys): void {
    if (bucket.rotating) return;
    bucket.rotating = true;
    const next = async () => {
      const client = await this.#options.pool.connect();
      try {
        await this.#insertKeys(client, [bucketId], bucket.active.version + 1);
      } finally {
        client.release();
      }
      await this.load(bucketId);
    };
    next().catch((error: unknown) => {
      bucket.rotating = false;
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

function wrapContext(bucketId: string, version: number): string {
  return `relay bucket key ${bucketId} ${version}`;
}
