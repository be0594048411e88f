import type { Bucket, BucketAuth } from "../catalog/model.js";
import { NOT_HELD } from "./not-held.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of a bucket people choose. */
export type BucketFields = Pick<
  Bucket,
  "name" | "description" | "auth" | "stream" | "ephemeral" | "largeWebhooks" | "managedBy"
>;

/** What is written of a bucket. */
export type WrittenBucket = BucketFields & Pick<Bucket, "id">;

/** A bucket's own row, without what is in it. */
export type BucketRow = Omit<Bucket, "inputs" | "outputs" | "crons">;

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
  readonly managedBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** All buckets, by name. */
export async function selectBuckets(db: Queryable): Promise<BucketRow[]> {
  const { rows } = await db.query<Row>(
    `SELECT id, name, description, auth_type AS "authType", auth_username AS "authUsername", auth_hash AS "authHash",
       stream, ephemeral, large_webhooks AS "largeWebhooks", managed_by AS "managedBy",
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
    managedBy: row.managedBy,
    createdAt: Math.floor(row.createdAt),
    updatedAt: Math.floor(row.updatedAt),
  }));
}

const COLUMNS = "name, description, auth_type, auth_username, auth_hash, stream, ephemeral, large_webhooks, managed_by";
const RECORD = `id uuid, name text, description text, auth_type text, auth_username text, auth_hash text, stream boolean,
  ephemeral boolean, large_webhooks boolean, managed_by text`;

/** Rejects with SQLSTATE 23505 when the name is taken. */
export async function insertBucket(db: Queryable, id: string, fields: BucketFields): Promise<void> {
  await insertBuckets(db, [{ id, ...fields }]);
}

/** All of them or, inside a transaction, none. Rejects with SQLSTATE 23505 when a name is taken. */
export async function insertBuckets(db: Queryable, rows: readonly WrittenBucket[]): Promise<void> {
  const text = `INSERT INTO buckets (id, ${COLUMNS}) SELECT id, ${COLUMNS} FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(db, text, rows.map(record));
}

/** False: no such bucket. Rejects with SQLSTATE 23505 when the name is taken. */
export async function updateBucket(db: Queryable, id: string, fields: BucketFields): Promise<boolean> {
  return (await updateBuckets(db, [{ id, ...fields }])) === 1;
}

/** Returns how many there were. Rejects with SQLSTATE 23505 when a name is taken. */
export function updateBuckets(db: Queryable, rows: readonly WrittenBucket[]): Promise<number> {
  const text = `UPDATE buckets b SET (${COLUMNS}, updated_at) = (r.name, r.description, r.auth_type, r.auth_username,
      r.auth_hash, r.stream, r.ephemeral, r.large_webhooks, r.managed_by, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE b.id = r.id`;
  return writeRows(db, text, rows.map(record));
}

/** Inputs, outputs and data keys go with it, and with the keys the only way to read its webhooks. False: no such bucket. */
export async function deleteBucket(db: Queryable, id: string): Promise<boolean> {
  return (await deleteBuckets(db, [id])) === 1;
}

/** The same for many. Returns how many there were. */
export async function deleteBuckets(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM buckets WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/** Unfinished deliveries of these buckets, by bucket; one that has none is left out. */
export async function countUndelivered(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; count: number }>(
    "SELECT bucket_id AS id, count(*)::float8 AS count FROM deliveries WHERE bucket_id = ANY($1::uuid[]) GROUP BY bucket_id",
    [[...ids]],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

export interface BucketContent {
  readonly inputs: number;
  readonly outputs: number;
  readonly crons: number;
}

/** How many inputs, outputs and crons a bucket has. */
export async function countBucketContent(db: Queryable, id: string): Promise<BucketContent> {
  const { rows } = await db.query<BucketContent>(
    `SELECT (SELECT count(*) FROM inputs WHERE bucket_id = $1)::int AS inputs,
            (SELECT count(*) FROM outputs WHERE bucket_id = $1)::int AS outputs,
            (SELECT count(*) FROM crons WHERE bucket_id = $1)::int AS crons`,
    [id],
  );
  return rows[0] ?? { inputs: 0, outputs: 0, crons: 0 };
}

/** Most deliveries one statement removes: there may be a million, and each statement has a time limit. */
const BATCH = 5_000;

/**
 * Removes the unfinished deliveries of deleted buckets: nobody can read their webhooks any more. Those that wait by the
 * index of their outputs, in batches; then the few that are in hand.
 */
export async function deleteDeliveriesOfBuckets(
  db: Queryable,
  ids: readonly string[],
  outputIds: readonly string[],
): Promise<void> {
  for (let removed = BATCH; removed === BATCH; ) {
    const { rowCount } = await db.query(
      `DELETE FROM deliveries WHERE id IN (
         SELECT id FROM deliveries WHERE output_id = ANY($1::uuid[]) AND ${NOT_HELD} LIMIT ${BATCH})`,
      [[...outputIds]],
    );
    removed = rowCount ?? 0;
  }
  await db.query("DELETE FROM deliveries WHERE bucket_id = ANY($1::uuid[])", [[...ids]]);
}

/** Names are those of the columns. */
function record({ id, auth, ...fields }: WrittenBucket): object {
  return {
    id,
    name: fields.name,
    description: fields.description,
    auth_type: auth.type,
    auth_username: auth.type === "basic" ? auth.username : "",
    auth_hash: auth.type === "none" ? "" : auth.hash,
    stream: fields.stream,
    ephemeral: fields.ephemeral,
    large_webhooks: fields.largeWebhooks,
    managed_by: fields.managedBy,
  };
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
