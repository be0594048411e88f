import type { Queryable } from "./queryable.js";

export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string;
  /** 0: any agent. */
  readonly agentId: number;
  /** Functions of the output do not run again. */
  readonly skipFunction: boolean;
}

/**
 * Makes deliveries of stored webhooks wait again, under new ids. Leaves out webhooks that retention has dropped or that
 * were never stored (ephemeral); returns how many deliveries were made.
 */
export async function insertResends(db: Queryable, deliveries: readonly NewDelivery[]): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, size, skip_function)
     SELECT d.id, w.id, w.bucket_id, d.output_id, d.agent_id, octet_length(w.sealed), d.skip_function
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::boolean[])
       AS d(id, webhook_id, output_id, agent_id, skip_function)
     JOIN webhooks w ON w.id = d.webhook_id AND w.id = ANY($2::uuid[])
     WHERE w.key_version > 0 AND w.sealed IS NOT NULL`,
    [
      deliveries.map(({ id }) => id),
      deliveries.map(({ webhookId }) => webhookId),
      deliveries.map(({ outputId }) => outputId),
      deliveries.map(({ agentId }) => agentId),
      deliveries.map(({ skipFunction }) => skipFunction),
    ],
  );
  return rowCount ?? 0;
}
