import type { Queryable } from "./queryable.js";

/** A run of a function that a webhook or one of its deliveries went through. */
export interface WebhookExecution {
  readonly id: string;
  /** Null for the function of an input. */
  readonly deliveryId: string | null;
  readonly ofResponse: boolean;
}

/**
 * The newest run of each function of these webhooks and their deliveries, by webhook. `fromId` is before all of them: days
 * that cannot hold any are not looked at.
 */
export async function selectWebhookExecutions(
  db: Queryable,
  webhookIds: readonly string[],
  fromId: string,
): Promise<ReadonlyMap<string, readonly WebhookExecution[]>> {
  const found = new Map<string, WebhookExecution[]>();
  if (webhookIds.length === 0) return found;
  const { rows } = await db.query<WebhookExecution & { webhookId: string }>(
    `SELECT DISTINCT ON (webhook_id, delivery_id, of_response)
       webhook_id AS "webhookId", delivery_id AS "deliveryId", of_response AS "ofResponse", id
     FROM executions WHERE webhook_id = ANY($1::uuid[]) AND id >= $2 AND (delivery_id IS NOT NULL OR output_id IS NULL)
     ORDER BY webhook_id, delivery_id, of_response, id DESC`,
    [[...webhookIds], fromId],
  );
  for (const { webhookId, ...execution } of rows) found.set(webhookId, [...(found.get(webhookId) ?? []), execution]);
  return found;
}
