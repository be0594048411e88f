import type { Output } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";

/** What of an output people choose. */
export type OutputFields = Omit<Output, "id" | "bucketId" | "createdAt" | "updatedAt">;

/** Most deliveries one statement moves, so that a million waiting ones never make one long transaction. */
const BATCH = 5_000;

/** All outputs, in the order they were made. */
export async function selectOutputs(db: Queryable): Promise<Output[]> {
  const { rows } = await db.query<Output>(
    `SELECT id, bucket_id AS "bucketId", name, description, destination, internal, disabled, lock_path AS "lockPath",
       headers, timeout_seconds AS "timeoutSeconds", tls_verification AS "tlsVerification", agents,
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM outputs ORDER BY outputs.created_at, id`,
  );
  return rows;
}

/** Rejects with SQLSTATE 23505 when the bucket has an output of this name, 23503 when the bucket is gone. */
export async function insertOutput(db: Queryable, id: string, bucketId: string, fields: OutputFields): Promise<void> {
  await db.query(
    `INSERT INTO outputs (id, bucket_id, name, description, destination, internal, disabled, lock_path, headers,
       timeout_seconds, tls_verification, agents)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [id, bucketId, ...columns(fields)],
  );
}

/** False: the bucket has no such output. */
export async function updateOutput(
  db: Queryable,
  id: string,
  bucketId: string,
  fields: OutputFields,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE outputs SET name = $3, description = $4, destination = $5, internal = $6, disabled = $7, lock_path = $8,
       headers = $9, timeout_seconds = $10, tls_verification = $11, agents = $12, updated_at = now()
     WHERE id = $1 AND bucket_id = $2`,
    [id, bucketId, ...columns(fields)],
  );
  return rowCount === 1;
}

/** False: the bucket has no such output. */
export async function deleteOutput(db: Queryable, id: string, bucketId: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM outputs WHERE id = $1 AND bucket_id = $2", [id, bucketId]);
  return rowCount === 1;
}

/**
 * Ends what still waits for a deleted output as `stalled`: visible, and can be re-sent to another output. In batches;
 * when the server dies in between, retention removes the rest.
 */
export async function stallDeliveriesOfOutput(db: Queryable, outputId: string): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `WITH gone AS (
         DELETE FROM deliveries WHERE id IN (
           SELECT id FROM deliveries WHERE output_id = $1 AND holder IS NULL LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
         RETURNING id, webhook_id, bucket_id, output_id, agent_id, attempt
       )
       INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, attempt)
       SELECT id, webhook_id, bucket_id, output_id, agent_id, 3, attempt FROM gone`,
      [outputId],
    );
    if ((rowCount ?? 0) < BATCH) return;
  }
}

function columns(fields: OutputFields): unknown[] {
  return [
    fields.name,
    fields.description,
    fields.destination,
    fields.internal,
    fields.disabled,
    fields.lockPath,
    JSON.stringify(fields.headers),
    fields.timeoutSeconds,
    fields.tlsVerification,
    fields.agents,
  ];
}
