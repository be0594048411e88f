import type { SealedSecrets } from "../attributes/seal-secrets.js";
import type { Output } from "../catalog/model.js";
import { NOT_HELD } from "./not-held.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of an output people choose. */
export type OutputFields = Omit<Output, "id" | "bucketId" | "createdAt" | "updatedAt">;

/** What is written of an output: its secrets sealed. */
export type WrittenOutput = Omit<OutputFields, "secrets"> &
  Pick<Output, "id" | "bucketId"> & { readonly sealed: SealedSecrets };

/** A row of the table. */
export type OutputRow = Omit<Output, "secrets"> & { readonly sealed: SealedSecrets };

/** Most deliveries one statement moves, so that a million waiting ones never make one long transaction. */
const BATCH = 5_000;

/** All outputs, in the order they were made. */
export async function selectOutputs(db: Queryable): Promise<OutputRow[]> {
  const { rows } = await db.query<OutputRow>(
    `SELECT id, bucket_id AS "bucketId", name, description, destination, internal, disabled, lock_path AS "lockPath",
       headers, timeout_seconds AS "timeoutSeconds", tls_verification AS "tlsVerification", agents,
       settings, sealed, managed_by AS "managedBy",
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM outputs ORDER BY outputs.created_at, id`,
  );
  return rows;
}

const COLUMNS = `name, description, destination, internal, disabled, lock_path, headers, timeout_seconds, tls_verification,
  agents, settings, sealed, managed_by`;
const RECORD = `id uuid, bucket_id uuid, name text, description text, destination text, internal boolean, disabled boolean,
  lock_path boolean, headers jsonb, timeout_seconds integer, tls_verification boolean, agents text, settings jsonb, sealed jsonb, managed_by text`;

/** Rejects with SQLSTATE 23505 when the bucket has an output of this name, 23503 when the bucket is gone. */
export async function insertOutput(db: Queryable, row: WrittenOutput): Promise<void> {
  await insertOutputs(db, [row]);
}

/** All of them or, inside a transaction, none. */
export async function insertOutputs(db: Queryable, rows: readonly WrittenOutput[]): Promise<void> {
  const text = `INSERT INTO outputs (id, bucket_id, ${COLUMNS})
    SELECT id, bucket_id, ${COLUMNS} FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(db, text, rows.map(record));
}

/** False: the bucket has no such output. */
export async function updateOutput(db: Queryable, row: WrittenOutput): Promise<boolean> {
  return (await updateOutputs(db, [row])) === 1;
}

/** Returns how many there were. */
export function updateOutputs(db: Queryable, rows: readonly WrittenOutput[]): Promise<number> {
  const text = `UPDATE outputs o SET (${COLUMNS}, updated_at) = (r.name, r.description, r.destination, r.internal,
      r.disabled, r.lock_path, r.headers, r.timeout_seconds, r.tls_verification, r.agents, r.settings, r.sealed,
      r.managed_by, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE o.id = r.id AND o.bucket_id = r.bucket_id`;
  return writeRows(db, text, rows.map(record));
}

/** False: the bucket has no such output. */
export async function deleteOutput(db: Queryable, id: string, bucketId: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM outputs WHERE id = $1 AND bucket_id = $2", [id, bucketId]);
  return rowCount === 1;
}

/** Outputs of any bucket. Returns how many there were. */
export async function deleteOutputs(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM outputs WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/**
 * Ends what still waits for deleted outputs as `stalled`: visible, and can be re-sent to another output. In batches;
 * when the server dies in between, retention removes the rest.
 */
export async function stallDeliveriesOfOutputs(db: Queryable, outputIds: readonly string[]): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `WITH gone AS (
         DELETE FROM deliveries WHERE id IN (
           SELECT id FROM deliveries WHERE output_id = ANY($1::uuid[]) AND ${NOT_HELD} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
         RETURNING id, webhook_id, bucket_id, output_id, agent_id, attempt
       )
       INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, attempt)
       SELECT id, webhook_id, bucket_id, output_id, agent_id, 3, attempt FROM gone`,
      [[...outputIds]],
    );
    if ((rowCount ?? 0) < BATCH) return;
  }
}

/** Names are those of the columns. */
function record(output: WrittenOutput): object {
  return {
    id: output.id,
    bucket_id: output.bucketId,
    name: output.name,
    description: output.description,
    destination: output.destination,
    internal: output.internal,
    disabled: output.disabled,
    lock_path: output.lockPath,
    headers: output.headers,
    timeout_seconds: output.timeoutSeconds,
    tls_verification: output.tlsVerification,
    agents: output.agents,
    settings: output.settings,
    sealed: output.sealed,
    managed_by: output.managedBy,
  };
}
