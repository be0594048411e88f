import type pg from "pg";

/** How the public API numbers the end of a delivery. */
export const STATUS = { preparing: 0, sent: 1, failed: 2, stalled: 3, received: 4, rejected: 5 } as const;

export interface Completion {
  readonly id: string;
  readonly status: number;
  readonly statusCode: number;
  readonly attempt: number;
  readonly durationMs: number;
  /** What kept an answer from coming, in one word; empty when there was one. */
  readonly errorClass: string;
  /** Sealed answer of a destination that did not take the webhook. */
  readonly keyVersion: number;
  readonly response: Buffer | null;
}

/**
 * Moves finished deliveries to `outcomes`. A delivery that another server has taken over meanwhile (our lease ended) is
 * not ours to finish and stays.
 */
const COMPLETE = `
WITH gone AS (
  DELETE FROM deliveries d
  USING unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::bytea[], $8::text[])
    AS a(id, status, status_code, attempt, duration_ms, key_version, response, error_class)
  WHERE d.id = a.id AND d.holder = $9
  RETURNING d.id, d.webhook_id, d.bucket_id, d.output_id, d.agent_id,
    a.status, a.status_code, a.attempt, a.duration_ms, a.key_version, a.response, a.error_class
)
INSERT INTO outcomes
  (id, webhook_id, bucket_id, output_id, agent_id, status, status_code, attempt, duration_ms, key_version, response,
    error_class)
SELECT * FROM gone`;

/**
 * Settings of the connection that records completions.
 *
 * It does not wait for the disk: what a crash of PostgreSQL takes back is delivered once more, with the same id, and
 * answered from the agent's ledger. Nothing that a sender was told depends on it.
 *
 * The table of deliveries is small when PostgreSQL looks and full of dead rows when it is busy, so that the plan it prefers, reading it all,
 * costs many times the look-up of each id (profile of 2026-11: two thirds of PostgreSQL's time at 1,000 webhooks/s).
 */
export const COMPLETION_SETTINGS = {
  synchronous_commit: "off",
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
} as const;

/** Records the end of deliveries held by this server; returns how many were. */
export async function completeDeliveries(pool: pg.Pool, holder: number, batch: readonly Completion[]): Promise<number> {
  let ids = "";
  let statuses = "";
  let codes = "";
  let attempts = "";
  let durations = "";
  let versions = "";
  let responses = "";
  let errors = "";
  let separator = "{";
  for (const completion of batch) {
    ids += separator + completion.id;
    statuses += separator + completion.status;
    codes += separator + completion.statusCode;
    attempts += separator + completion.attempt;
    durations += separator + completion.durationMs;
    versions += separator + completion.keyVersion;
    responses += separator + (completion.response === null ? "NULL" : `"\\\\x${completion.response.toString("hex")}"`);
    // A word of ours: nothing in it needs quoting.
    errors += `${separator}"${completion.errorClass}"`;
    separator = ",";
  }
  const { rowCount } = await pool.query({
    name: "complete-deliveries",
    text: COMPLETE,
    values: [
      `${ids}}`,
      `${statuses}}`,
      `${codes}}`,
      `${attempts}}`,
      `${durations}}`,
      `${versions}}`,
      `${responses}}`,
      `${errors}}`,
      holder,
    ],
  });
  return rowCount ?? 0;
}
