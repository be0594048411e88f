import type { Queryable } from "./queryable.js";

/** How an execution's status is numbered. */
export const EXECUTION_STATUS = { success: 1, error: 2 } as const;

export interface ExecutionRow {
  readonly id: string;
  readonly functionId: string;
  /** Null for a run that people asked for. */
  readonly bucketId: string | null;
  readonly webhookId: string | null;
  /** Null for the function of an input. */
  readonly outputId: string | null;
  /** Null for the function of an input. */
  readonly deliveryId: string | null;
  /** It ran after the delivery. */
  readonly ofResponse: boolean;
  readonly status: number;
  /** Microseconds. */
  readonly durationUs: number;
  readonly keyVersion: number;
  /** Sealed; null in an ephemeral bucket. */
  readonly detail: Buffer | null;
}

/** Writes executions, many in one statement. */
export async function insertExecutions(db: Queryable, rows: readonly ExecutionRow[]): Promise<void> {
  await db.query({
    name: "insert-executions",
    text: `INSERT INTO executions
        (id, function_id, bucket_id, webhook_id, output_id, status, duration_us, key_version, detail, of_response, delivery_id)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::int[],
        $8::int[], $9::bytea[], $10::boolean[], $11::uuid[])`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ functionId }) => functionId),
      rows.map(({ bucketId }) => bucketId),
      rows.map(({ webhookId }) => webhookId),
      rows.map(({ outputId }) => outputId),
      rows.map(({ status }) => status),
      rows.map(({ durationUs }) => durationUs),
      rows.map(({ keyVersion }) => keyVersion),
      rows.map(({ detail }) => detail),
      rows.map(({ ofResponse }) => ofResponse),
      rows.map(({ deliveryId }) => deliveryId),
    ],
  });
}

const COLUMNS = `id, function_id AS "functionId", bucket_id AS "bucketId", webhook_id AS "webhookId",
  output_id AS "outputId", of_response AS "ofResponse", delivery_id AS "deliveryId", status, duration_us AS "durationUs", key_version AS "keyVersion", detail`;

/** Undefined: there is none of this id, or none any more. */
export async function selectExecution(db: Queryable, id: string): Promise<ExecutionRow | undefined> {
  const { rows } = await db.query<ExecutionRow>(`SELECT ${COLUMNS} FROM executions WHERE id = $1`, [id]);
  return rows[0];
}

/** Of one function, newest first. */
export async function selectExecutions(
  db: Queryable,
  functionId: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ExecutionRow[]> {
  const { rows } = await db.query<ExecutionRow>(
    `SELECT ${COLUMNS} FROM executions WHERE function_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`,
    [functionId, limit, offset],
  );
  return rows;
}

/** How many executions of a function there are, counted up to `limit`. */
export async function countExecutions(db: Queryable, functionId: string, limit: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM (SELECT FROM executions WHERE function_id = $1 LIMIT $2) AS counted",
    [functionId, limit],
  );
  return rows[0]?.count ?? 0;
}
