import type pg from "pg";

/** An attempt that failed, and when the next one is due. */
export interface Rescheduling {
  readonly id: string;
  /** Milliseconds of this process's monotonic clock; null: it waits for its turn at once. */
  readonly dueAt: number | null;
  /** Retries so far, the coming one included. */
  readonly retries: number;
  readonly attempt: number;
  readonly statusCode: number;
  readonly durationMs: number;
  readonly errorClass: string;
  readonly keyVersion: number;
  /** Sealed answer of the destination. */
  readonly response: Buffer | null;
}

/**
 * Lets go of deliveries until they are due, and keeps how the attempt went. A delivery that another server has taken over
 * meanwhile is not ours to schedule and stays.
 */
const RESCHEDULE = `
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::float8[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::int[], $9::bytea[])
    AS a(id, due_in_ms, retries, attempt, status_code, duration_ms, error_class, key_version, response)
), released AS (
  UPDATE deliveries d
  SET holder = NULL, due_at = now() + a.due_in_ms * interval '1 ms', retries = a.retries, attempt = greatest(d.attempt, a.attempt)
  FROM given a WHERE d.id = a.id AND d.holder = $10
  RETURNING d.id, d.bucket_id, d.output_id
), kept AS (
  INSERT INTO attempts (delivery_id, attempt, bucket_id, status_code, duration_ms, error_class, key_version, response)
  SELECT a.id, a.attempt, r.bucket_id, a.status_code, a.duration_ms, a.error_class, a.key_version, a.response
  FROM released r JOIN given a USING (id) ON CONFLICT DO NOTHING
)
SELECT DISTINCT output_id AS "outputId" FROM released JOIN given USING (id) WHERE due_in_ms IS NULL`;

/**
 * Returns the outputs for which something waits at once. When the others are due is said by the database's clock, which is
 * asked whether they are: that of this server may be another, or be set.
 */
export async function rescheduleDeliveries(
  pool: pg.Pool,
  holder: number,
  batch: readonly Rescheduling[],
): Promise<string[]> {
  const now = performance.now();
  const { rows } = await pool.query<{ outputId: string }>({
    name: "reschedule-deliveries",
    text: RESCHEDULE,
    values: [
      batch.map(({ id }) => id),
      batch.map(({ dueAt }) => (dueAt === null ? null : Math.max(0, dueAt - now))),
      batch.map(({ retries }) => retries),
      batch.map(({ attempt }) => attempt),
      batch.map(({ statusCode }) => statusCode),
      batch.map(({ durationMs }) => durationMs),
      batch.map(({ errorClass }) => errorClass),
      batch.map(({ keyVersion }) => keyVersion),
      batch.map(({ response }) => response),
      holder,
    ],
  });
  return rows.map(({ outputId }) => outputId);
}
