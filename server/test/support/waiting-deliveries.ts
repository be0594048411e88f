import type pg from "pg";

export interface WaitingDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string;
  readonly agentId: number;
  readonly attempt: number;
  readonly holder: string | null;
  readonly size: number;
  readonly skipFunction: boolean;
}

/** What of a bucket is still to be delivered, oldest first. */
export async function waitingDeliveries(pool: pg.Pool, bucketId: string): Promise<WaitingDelivery[]> {
  const { rows } = await pool.query<WaitingDelivery>(
    `SELECT id, webhook_id AS "webhookId", output_id AS "outputId", agent_id AS "agentId", attempt, holder, size,
       skip_function AS "skipFunction"
     FROM deliveries WHERE bucket_id = $1 ORDER BY id`,
    [bucketId],
  );
  return rows;
}
