import { randomBytes } from "node:crypto";
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
 * Makes deliveries of stored webhooks wait again, under new ids. They count for their output's limit of what is in hand, and are
 * outside of its order: each has a key of its own, less than 0, which no webhook has. Leaves out webhooks that retention has dropped or that
 * were never stored (ephemeral); returns how many deliveries were made.
 */
export async function insertResends(db: Queryable, deliveries: readonly NewDelivery[]): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, size, skip_function, order_key, counted)
     SELECT d.id, w.id, w.bucket_id, d.output_id, d.agent_id, octet_length(w.sealed), d.skip_function,
       CASE WHEN coalesce(o.settings->'order'->>'by', 'none') <> 'none' THEN d.own_key END,
       coalesce((o.settings->'throttle'->>'max_concurrent')::int, 0) > 0
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::boolean[], $6::bigint[])
       AS d(id, webhook_id, output_id, agent_id, skip_function, own_key)
     JOIN webhooks w ON w.id = d.webhook_id AND w.id = ANY($2::uuid[])
     LEFT JOIN outputs o ON o.id = d.output_id
     WHERE w.key_version > 0 AND w.sealed IS NOT NULL`,
    [
      deliveries.map(({ id }) => id),
      deliveries.map(({ webhookId }) => webhookId),
      deliveries.map(({ outputId }) => outputId),
      deliveries.map(({ agentId }) => agentId),
      deliveries.map(({ skipFunction }) => skipFunction),
      deliveries.map(() => String(-1n - (randomBytes(8).readBigUInt64BE() >> 1n))),
    ],
  );
  return rowCount ?? 0;
}
