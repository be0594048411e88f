import type pg from "pg";

export interface ResendTarget {
  readonly webhookId: string;
  readonly outputId: string;
  readonly agentId: number;
}

/** Writes down what a job is about to make; returns only what it has not made before, in any order. */
export async function insertResendTargets(
  client: pg.ClientBase,
  jobId: string,
  targets: readonly ResendTarget[],
): Promise<ResendTarget[]> {
  const { rows } = await client.query<ResendTarget>(
    `INSERT INTO resend_targets (resend_id, webhook_id, output_id, agent_id)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::int[]) ON CONFLICT DO NOTHING
     RETURNING webhook_id AS "webhookId", output_id AS "outputId", agent_id AS "agentId"`,
    [
      jobId,
      targets.map(({ webhookId }) => webhookId),
      targets.map(({ outputId }) => outputId),
      targets.map(({ agentId }) => agentId),
    ],
  );
  return rows;
}

/** Most rows one statement removes. */
const BATCH = 20_000;

/** Forgets what finished jobs have made, and jobs that finished long ago. */
export async function tidyResends(pool: pg.Pool, keptDays: number): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `DELETE FROM resend_targets WHERE ctid = ANY(ARRAY(
         SELECT t.ctid FROM resend_targets t JOIN resends r ON r.id = t.resend_id WHERE r.state <> 'running' LIMIT ${BATCH}))`,
    );
    if ((rowCount ?? 0) < BATCH) break;
  }
  await pool.query("DELETE FROM resends WHERE state <> 'running' AND finished_at < now() - $1 * interval '1 day'", [
    keptDays,
  ]);
}
