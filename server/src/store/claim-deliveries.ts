import type pg from "pg";

export interface ClaimRequest {
  readonly outputId: string;
  /** 0 for outputs that any agent may serve. */
  readonly agentId: number;
  readonly holder: number;
  readonly limit: number;
  /** Stop once the claimed webhooks exceed this many bytes; one is always taken. */
  readonly maxBytes: number;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly bucketId: string;
  readonly attempt: number;
  /** Null when retention has dropped the webhook. 0 means that it was never stored (ephemeral). */
  readonly keyVersion: number | null;
  readonly sealed: Buffer | null;
}

/**
 * Oldest first, in batches; SKIP LOCKED lets several servers claim from one output without waiting for each other. The
 * partial index `deliveries_waiting` gives the order, so the cost does not grow with what waits.
 */
const CLAIM = `
WITH candidate AS (
  SELECT id, size FROM deliveries
  WHERE output_id = $1 AND agent_id = $2 AND holder IS NULL
  ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
), fitting AS (
  SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM candidate) AS running WHERE before < $4
), claimed AS (
  UPDATE deliveries d SET holder = $5, attempt = least(d.attempt + 1, 32767) FROM fitting WHERE d.id = fitting.id
  RETURNING d.id, d.webhook_id, d.bucket_id, d.attempt
)
SELECT c.id, c.webhook_id AS "webhookId", c.bucket_id AS "bucketId", c.attempt, w.key_version AS "keyVersion", w.sealed
FROM claimed c LEFT JOIN webhooks w ON w.id = c.webhook_id ORDER BY c.id`;

/** Takes waiting deliveries of one output for this server. */
export async function claimDeliveries(pool: pg.Pool, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  const { rows } = await pool.query<ClaimedDelivery>({
    name: "claim-deliveries",
    text: CLAIM,
    values: [request.outputId, request.agentId, request.limit, request.maxBytes, request.holder],
  });
  return rows;
}
