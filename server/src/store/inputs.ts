import type { SealedSecrets } from "../attributes/seal-secrets.js";
import type { Input } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of an input people choose. */
export type InputFields = Omit<Input, "id" | "bucketId" | "createdAt" | "updatedAt">;

/** What is written of an input: its secrets sealed. */
export type WrittenInput = Omit<InputFields, "secrets"> &
  Pick<Input, "id" | "bucketId"> & { readonly sealed: SealedSecrets };

/** A row of the table. */
export type InputRow = Omit<Input, "secrets"> & { readonly sealed: SealedSecrets };

/** All inputs, in the order they were made. */
export async function selectInputs(db: Queryable): Promise<InputRow[]> {
  const { rows } = await db.query<InputRow>(
    `SELECT id, bucket_id AS "bucketId", name, description, status_code AS "statusCode", headers, body,
       settings, sealed, managed_by AS "managedBy",
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM inputs ORDER BY inputs.created_at, id`,
  );
  return rows;
}

const COLUMNS = "name, description, status_code, headers, body, settings, sealed, managed_by";
const RECORD = `id uuid, bucket_id uuid, name text, description text, status_code integer, headers jsonb, body text,
  settings jsonb, sealed jsonb, managed_by text`;

/** Rejects with SQLSTATE 23505 when the bucket has an input of this name, 23503 when the bucket is gone. */
export async function insertInput(db: Queryable, row: WrittenInput): Promise<void> {
  await insertInputs(db, [row]);
}

/** All of them or, inside a transaction, none. */
export async function insertInputs(db: Queryable, rows: readonly WrittenInput[]): Promise<void> {
  const text = `INSERT INTO inputs (id, bucket_id, ${COLUMNS})
    SELECT id, bucket_id, ${COLUMNS} FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(db, text, rows.map(record));
}

/** False: the bucket has no such input. */
export async function updateInput(db: Queryable, row: WrittenInput): Promise<boolean> {
  return (await updateInputs(db, [row])) === 1;
}

/** Returns how many there were. */
export function updateInputs(db: Queryable, rows: readonly WrittenInput[]): Promise<number> {
  const text = `UPDATE inputs i SET (${COLUMNS}, updated_at) = (r.name, r.description, r.status_code, r.headers, r.body,
      r.settings, r.sealed, r.managed_by, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE i.id = r.id AND i.bucket_id = r.bucket_id`;
  return writeRows(db, text, rows.map(record));
}

/** False: the bucket has no such input. */
export async function deleteInput(db: Queryable, id: string, bucketId: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM inputs WHERE id = $1 AND bucket_id = $2", [id, bucketId]);
  return rowCount === 1;
}

/** Inputs of any bucket. Returns how many there were. */
export async function deleteInputs(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM inputs WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/** Names are those of the columns. */
function record({ id, bucketId, statusCode, managedBy, ...same }: WrittenInput): object {
  const { name, description, headers, body, settings, sealed } = same;
  return {
    id,
    bucket_id: bucketId,
    name,
    description,
    status_code: statusCode,
    headers,
    body,
    settings,
    sealed,
    managed_by: managedBy,
  };
}
