import type pg from "pg";

/** Most rows one statement moves. */
const BATCH = 5_000;

/**
 * Ends the deliveries whose output or agent was deleted while a server had them in hand: nobody will ever claim them.
 * Returns how many there were, at most one batch.
 */
export async function rejectOrphans(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH orphan AS (
       SELECT id FROM deliveries d WHERE holder IS NULL AND (
         NOT EXISTS (SELECT FROM outputs WHERE id = d.output_id)
         OR (agent_id <> 0 AND NOT EXISTS (SELECT FROM agents WHERE id = d.agent_id)))
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM deliveries d USING orphan WHERE d.id = orphan.id
       RETURNING d.id, d.webhook_id, d.bucket_id, d.output_id, d.agent_id, d.attempt
     )
     INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, attempt)
     SELECT id, webhook_id, bucket_id, output_id, agent_id, 5, attempt FROM gone
     WHERE EXISTS (SELECT FROM buckets WHERE id = gone.bucket_id)`,
  );
  return rowCount ?? 0;
}
