import type pg from "pg";
import type { Queryable } from "./queryable.js";

/** A data key as the database has it. */
export interface WrappedBucketKey {
  readonly version: number;
  readonly kekId: string;
  readonly wrapped: Buffer;
  readonly createdAt: Date;
}

export interface SelectBucketKeysOptions {
  /** Undefined: the newest ones. */
  readonly version: number | undefined;
  readonly limit: number;
}

/** The bucket's wrapped data keys, newest first. */
export async function selectBucketKeys(
  queryable: Queryable,
  bucketId: string,
  { version, limit }: SelectBucketKeysOptions,
): Promise<WrappedBucketKey[]> {
  const { rows } = await queryable.query<WrappedBucketKey>(
    `SELECT version, kek_id AS "kekId", wrapped, created_at AS "createdAt" FROM bucket_keys
     WHERE bucket_id = $1 AND ($2::integer IS NULL OR version = $2) ORDER BY version DESC LIMIT $3`,
    [bucketId, version, limit],
  );
  return rows;
}

export interface NewBucketKey {
  readonly bucketId: string;
  readonly kekId: string;
  readonly wrapped: Buffer;
}

/** Inserts this version of each bucket's data key; where another server inserted the same one first, theirs stands. */
export async function insertBucketKeys(
  client: pg.ClientBase,
  version: number,
  keys: readonly NewBucketKey[],
): Promise<void> {
  await client.query(
    `INSERT INTO bucket_keys (bucket_id, version, kek_id, wrapped)
     SELECT bucket_id, $1, kek_id, wrapped FROM unnest($2::uuid[], $3::text[], $4::bytea[]) AS r (bucket_id, kek_id, wrapped)
     ON CONFLICT DO NOTHING`,
    [version, keys.map(({ bucketId }) => bucketId), keys.map(({ kekId }) => kekId), keys.map(({ wrapped }) => wrapped)],
  );
}
