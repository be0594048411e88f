import type { Bucket, BucketAuth } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";

/** What of a bucket people choose. */
export type BucketFields = Pick<Bucket, "name" | "description" | "auth" | "stream" | "ephemeral" | "largeWebhooks">;

/** A bucket's own row, without its inputs and outputs. */
export type BucketRow = Omit<Bucket, "inputs" | "outputs">;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly authType: BucketAuth["type"];
  readonly authUsername: string;
  readonly authHash: string;
  readonly stream: boolean;
  readonly ephemeral: boolean;
  readonly largeWebhooks: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** All buckets, by name. */
export async function selectBuckets(db: Queryable): Promise<BucketRow[]> {
  const { rows } = await db.query<Row>(
    `SELECT id, name, description, auth_type AS "authType", auth_username AS "authUsername", auth_hash AS "authHash",
       stream, ephemeral, large_webhooks AS "largeWebhooks",
       extract(epoch FROM created_at)::float8 AS "createdAt", extract(epoch FROM updated_at)::float8 AS "updatedAt"
     FROM buckets ORDER BY name`,
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    auth: authOf(row),
    stream: row.stream,
    ephemeral: row.ephemeral,
    largeWebhooks: row.largeWebhooks,
    createdAt: Math.floor(row.createdAt),
    updatedAt: Math.floor(row.updatedAt),
  }));
}

/** Rejects with SQLSTATE 23505 when the name is taken. */
export async function insertBucket(db: Queryable, id: string, fields: BucketFields): Promise<void> {
  await db.query(
    `INSERT INTO buckets (id, name, description, auth_type, auth_username, auth_hash, stream, ephemeral, large_webhooks)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, ...columns(fields)],
  );
}

/** False: no such bucket. Rejects with SQLSTATE 23505 when the name is taken. */
export async function updateBucket(db: Queryable, id: string, fields: BucketFields): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE buckets SET name = $2, description = $3, auth_type = $4, auth_username = $5, auth_hash = $6, stream = $7,
       ephemeral = $8, large_webhooks = $9, updated_at = now() WHERE id = $1`,
    [id, ...columns(fields)],
  );
  return rowCount === 1;
}

/** Inputs, outputs and data keys go with it, and with the keys the only way to read its webhooks. False: no such bucket. */
export async function deleteBucket(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM buckets WHERE id = $1", [id]);
  return rowCount === 1;
}

/** How many inputs and outputs a bucket has. */
export async function countBucketContent(db: Queryable, id: string): Promise<{ inputs: number; outputs: number }> {
  const { rows } = await db.query<{ inputs: number; outputs: number }>(
    `SELECT (SELECT count(*) FROM inputs WHERE bucket_id = $1)::int AS inputs,
            (SELECT count(*) FROM outputs WHERE bucket_id = $1)::int AS outputs`,
    [id],
  );
  return rows[0] ?? { inputs: 0, outputs: 0 };
}

/** Most deliveries one statement removes: there may be a million, and each statement has a time limit. */
const BATCH = 5_000;

/**
 * Removes the unfinished deliveries of a deleted bucket: nobody can read their webhooks any more. Those that wait by the
 * index of their outputs, in batches; then the few that are in hand.
 */
export async function deleteDeliveriesOfBucket(db: Queryable, id: string, outputIds: readonly string[]): Promise<void> {
  for (let removed = BATCH; removed === BATCH; ) {
    const { rowCount } = await db.query(
      `DELETE FROM deliveries WHERE id IN (
         SELECT id FROM deliveries WHERE output_id = ANY($1::uuid[]) AND holder IS NULL LIMIT ${BATCH})`,
      [[...outputIds]],
    );
    removed = rowCount ?? 0;
  }
  await db.query("DELETE FROM deliveries WHERE bucket_id = $1", [id]);
}

function columns(fields: BucketFields): unknown[] {
  const { auth } = fields;
  return [
    fields.name,
    fields.description,
    auth.type,
    auth.type === "basic" ? auth.username : "",
    auth.type === "none" ? "" : auth.hash,
    fields.stream,
    fields.ephemeral,
    fields.largeWebhooks,
  ];
}

function authOf(row: Row): BucketAuth {
  switch (row.authType) {
    case "basic":
      return { type: "basic", username: row.authUsername, hash: row.authHash };
    case "token":
      return { type: "token", hash: row.authHash };
    default:
      return { type: "none" };
  }
}
