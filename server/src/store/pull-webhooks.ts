import type pg from "pg";
import type { LogRow } from "./logs.js";

export interface PullRequest {
  readonly bucketId: string;
  /** Whether webhooks that had no output to go to are wanted. */
  readonly unrouted: boolean;
  /** Internal outputs that any agent may serve; those that a connected agent serves give nothing. */
  readonly outputIds: readonly string[];
  /** Ids from this one. */
  readonly fromId: string;
  readonly limit: number;
  /** Stop once the webhooks exceed this many bytes; one is always taken. */
  readonly maxBytes: number;
}

export interface PulledWebhook extends LogRow {
  readonly inputId: string | null;
  /** Null when retention has dropped the webhook; 0 when it was never stored (ephemeral). */
  readonly webhookKeyVersion: number | null;
  readonly sealed: Buffer | null;
  readonly size: number;
}

/** Outputs among `$2` that no agent serves at the moment. */
const UNSERVED = `SELECT o FROM unnest($2::uuid[]) AS o
  WHERE NOT EXISTS (SELECT FROM agents WHERE server_id IS NOT NULL AND output_ids @> ARRAY[o])`;

/**
 * Settings of the connections that pull. Like those of completions: tables that are small when PostgreSQL looks and not when it
 * runs make it prefer reading them whole, or the whole of an index.
 */
export const PULL_SETTINGS = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
} as const;

/**
 * One statement: takes the oldest and marks them as sent. SKIP LOCKED keeps pollers of all servers apart, and agents that
 * connect meanwhile: whoever locks a row first has it. What waits for an output is in `deliveries` and moves; what had no
 * output is in `outcomes` already, found by the index `outcomes_received`, which wants its condition as it is written there.
 * Each source gives up to the limit, so that the oldest of all are among them; what is locked in excess is free again at the
 * end of the transaction.
 */
const PULL = `
WITH waiting AS MATERIALIZED (
  SELECT d.id, d.webhook_id FROM (${UNSERVED}) AS unserved CROSS JOIN LATERAL (
    SELECT id, webhook_id FROM deliveries
    WHERE output_id = o AND agent_id = 0 AND holder IS NULL AND due_at IS NULL AND id >= $4
    ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
  ) AS d
), unrouted AS MATERIALIZED (
  SELECT id, webhook_id FROM outcomes
  WHERE $3 AND bucket_id = $1 AND status = 4 AND id >= $4
  ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED
), oldest AS (
  SELECT id, webhook_id FROM (SELECT * FROM waiting UNION ALL SELECT * FROM unrouted) AS found ORDER BY id LIMIT $5
), fitting AS MATERIALIZED (
  SELECT * FROM (
    SELECT o.id, o.webhook_id, w.input_id, w.key_version, w.sealed, coalesce(octet_length(w.sealed), 0) AS size,
      sum(coalesce(octet_length(w.sealed), 0)) OVER (ORDER BY o.id) - coalesce(octet_length(w.sealed), 0) AS before
    FROM oldest o LEFT JOIN webhooks w ON w.id = o.webhook_id
  ) AS running WHERE before < $6
), gone AS (
  DELETE FROM deliveries WHERE id = ANY(ARRAY(SELECT id FROM fitting))
  RETURNING id, webhook_id, bucket_id, output_id, agent_id, attempt
), moved AS (
  INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, attempt, handed_out)
  SELECT id, webhook_id, bucket_id, output_id, agent_id, 1, attempt, true FROM gone
  RETURNING id, output_id, attempt, finished_at
), marked AS (
  UPDATE outcomes SET status = 1, finished_at = now(), handed_out = true
  WHERE id = ANY(ARRAY(SELECT id FROM fitting)) AND status = 4
  RETURNING id, output_id, attempt, finished_at
)
SELECT f.id, f.webhook_id AS "webhookId", $1::uuid AS "bucketId", p.output_id AS "outputId", 0 AS "agentId",
  1 AS status, 0 AS "statusCode", p.attempt, 0 AS "durationMs",
  floor(extract(epoch FROM p.finished_at))::float8 AS "finishedAt", 0 AS "keyVersion", NULL::bytea AS response, true AS "handedOut",
  '' AS "errorClass", NULL::float8 AS "dueAt", NULL::text AS reason,
  f.input_id AS "inputId", f.key_version AS "webhookKeyVersion", f.sealed, f.size
FROM fitting f JOIN (SELECT * FROM moved UNION ALL SELECT * FROM marked) AS p ON p.id = f.id ORDER BY f.id`;

/** Takes webhooks out of a bucket, oldest first, inside the caller's transaction: they are handed out when it commits. */
export async function pullWebhooks(client: pg.ClientBase, request: PullRequest): Promise<PulledWebhook[]> {
  const { rows } = await client.query<PulledWebhook>({
    name: "pull-webhooks",
    text: PULL,
    values: [
      request.bucketId,
      `{${request.outputIds.join(",")}}`,
      request.unrouted,
      request.fromId,
      request.limit,
      request.maxBytes,
    ],
  });
  return rows;
}

/** Whether there is something to pull, in anybody's hands at the moment or not. */
export async function hasPullable(
  pool: pg.Pool,
  request: Pick<PullRequest, "bucketId" | "unrouted" | "outputIds" | "fromId">,
): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>({
    name: "has-pullable",
    // Not EXISTS: it drops the order, and with it the walk along the index that ends at the first.
    text: `SELECT (SELECT id FROM outcomes WHERE $3 AND bucket_id = $1 AND status = 4 AND id >= $4 ORDER BY id LIMIT 1) IS NOT NULL
      OR EXISTS (SELECT FROM (${UNSERVED}) AS unserved CROSS JOIN LATERAL (
        SELECT FROM deliveries WHERE output_id = o AND agent_id = 0 AND holder IS NULL AND due_at IS NULL AND id >= $4 ORDER BY id LIMIT 1
      ) AS d) AS found`,
    values: [request.bucketId, `{${request.outputIds.join(",")}}`, request.unrouted, request.fromId],
  });
  return rows[0]?.found === true;
}
