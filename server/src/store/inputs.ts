import type { Input } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";

/** What of an input people choose. */
export type InputFields = Pick<Input, "name" | "description" | "statusCode" | "headers" | "body">;

/** All inputs, in the order they were made. */
export async function selectInputs(db: Queryable): Promise<Input[]> {
  const { rows } = await db.query<Input>(
    `SELECT id, bucket_id AS "bucketId", name, description, status_code AS "statusCode", headers, body,
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM inputs ORDER BY inputs.created_at, id`,
  );
  return rows;
}

/** Rejects with SQLSTATE 23505 when the bucket has an input of this name, 23503 when the bucket is gone. */
export async function insertInput(db: Queryable, id: string, bucketId: string, fields: InputFields): Promise<void> {
  await db.query(
    `INSERT INTO inputs (id, bucket_id, name, description, status_code, headers, body) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, bucketId, ...columns(fields)],
  );
}

/** False: the bucket has no such input. */
export async function updateInput(db: Queryable, id: string, bucketId: string, fields: InputFields): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE inputs SET name = $3, description = $4, status_code = $5, headers = $6, body = $7, updated_at = now()
     WHERE id = $1 AND bucket_id = $2`,
    [id, bucketId, ...columns(fields)],
  );
  return rowCount === 1;
}

/** False: the bucket has no such input. */
export async function deleteInput(db: Queryable, id: string, bucketId: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM inputs WHERE id = $1 AND bucket_id = $2", [id, bucketId]);
  return rowCount === 1;
}

function columns(fields: InputFields): unknown[] {
  return [fields.name, fields.description, fields.statusCode, JSON.stringify(fields.headers), fields.body];
}
