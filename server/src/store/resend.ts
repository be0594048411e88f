import type { Queryable } from "./queryable.js";

export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string;
  /** 0: any agent. */
  readonly agentId: number;
}

/**
 * Makes deliveries of stored webhooks wait again, under new ids. Leaves out webhooks that retention has dropped or that
 * were never stored (ephemeral); returns how many deliveries were made.
 */
export async function insertResends(db: Queryable, deliveries: readonly NewDelivery[]): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, size)
     SELECT d.id, w.id, w.bucket_id, d.output_id, d.agent_id, octet_length(w.sealed)
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) AS d(id, webhook_id, output_id, agent_id)
     JOIN webhooks w ON w.id = d.webhook_id AND w.id = ANY($2::uuid[])
     WHERE w.key_version > 0 AND w.sealed IS NOT NULL`,
    [
      deliveries.map(({ id }) => id),
      deliveries.map(({ webhookId }) => webhookId),
      deliveries.map(({ outputId }) => outputId),
      deliveries.map(({ agentId }) => agentId),
    ],
  );
  return rowCount ?? 0;
}

export interface FinishedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string | null;
  readonly agentId: number;
}

/** Finished deliveries of a bucket and status, oldest first: behind `afterId`, before `toId`. */
export async function selectFinished(
  db: Queryable,
  filter: { bucketId: string; status: number; fromId: string; afterId: string; toId: string; limit: number },
): Promise<FinishedDelivery[]> {
  const { rows } = await db.query<FinishedDelivery>(
    `SELECT id, webhook_id AS "webhookId", output_id AS "outputId", agent_id AS "agentId" FROM outcomes
     WHERE bucket_id = $1 AND status = $2 AND id >= $3 AND id > $4 AND id < $5 ORDER BY id LIMIT $6`,
    [filter.bucketId, filter.status, filter.fromId, filter.afterId, filter.toId, filter.limit],
  );
  return rows;
}
