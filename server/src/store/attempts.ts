import type { Queryable } from "./queryable.js";

/** An attempt of a delivery that failed and was followed by another one. */
export interface AttemptRow {
  readonly attempt: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly statusCode: number;
  readonly durationMs: number;
  readonly errorClass: string;
  readonly keyVersion: number;
  readonly response: Buffer | null;
}

/** Of one delivery, oldest first. */
export async function selectAttempts(db: Queryable, deliveryId: string): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow>(
    `SELECT attempt, (extract(epoch FROM at) * 1000)::float8 AS "atMs", status_code AS "statusCode",
       duration_ms AS "durationMs", error_class AS "errorClass", key_version AS "keyVersion", response
     FROM attempts WHERE delivery_id = $1 ORDER BY attempt`,
    [deliveryId],
  );
  return rows;
}
