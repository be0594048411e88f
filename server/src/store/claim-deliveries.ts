import type pg from "pg";
import type { Queryable } from "./queryable.js";

export interface ClaimRequest {
  readonly outputId: string;
  /** 0 for outputs that any agent may serve. */
  readonly agentId: number;
  readonly holder: number;
  readonly limit: number;
  /** Stop once the claimed webhooks exceed this many bytes; one is always taken. */
  readonly maxBytes: number;
  /** Only what has nothing before it in its order. */
  readonly inOrder: boolean;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly bucketId: string;
  /** Null when retention has dropped the webhook. */
  readonly inputId: string | null;
  readonly attempt: number;
  readonly retries: number;
  /** A resend asked that its output's function does not see it. */
  readonly skipFunction: boolean;
  /** Null when retention has dropped the webhook. 0 means that it was never stored (ephemeral). */
  readonly keyVersion: number | null;
  readonly sealed: Buffer | null;
}

/** What is in hand of the same key, or waits for its next attempt, comes first. */
const FIRST_IN_ORDER = `AND NOT EXISTS (
    SELECT FROM deliveries e WHERE e.output_id = d.output_id AND e.agent_id = d.agent_id AND e.order_key = d.order_key
      AND e.id < d.id)`;

/**
 * Oldest first, in batches; SKIP LOCKED lets several servers claim from one output without waiting for each other. The
 * partial index `deliveries_waiting` gives the order, so the cost does not grow with what waits.
 */
const claim = (only: string) => `
WITH candidate AS (
  SELECT id, size FROM deliveries d
  WHERE output_id = $1 AND agent_id = $2 AND holder IS NULL AND due_at IS NULL ${only}
  ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
), fitting AS (
  SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM candidate) AS running WHERE before < $4
), claimed AS (
  UPDATE deliveries d SET holder = $5, attempt = least(d.attempt + 1, 32767) FROM fitting WHERE d.id = fitting.id
  RETURNING d.id, d.webhook_id, d.bucket_id, d.attempt, d.retries, d.skip_function
)
SELECT c.id, c.webhook_id AS "webhookId", c.bucket_id AS "bucketId", c.attempt, c.retries,
  coalesce(c.skip_function, false) AS "skipFunction", w.input_id AS "inputId",
  w.key_version AS "keyVersion", w.sealed
FROM claimed c LEFT JOIN webhooks w ON w.id = c.webhook_id ORDER BY c.id`;

const CLAIM = claim("");
const CLAIM_IN_ORDER = claim(FIRST_IN_ORDER);

/** Takes waiting deliveries of one output for this server. */
export async function claimDeliveries(db: Queryable | pg.Pool, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  const { rows } = await db.query<ClaimedDelivery>({
    name: request.inOrder ? "claim-deliveries-in-order" : "claim-deliveries",
    text: request.inOrder ? CLAIM_IN_ORDER : CLAIM,
    values: [request.outputId, request.agentId, request.limit, request.maxBytes, request.holder],
  });
  return rows;
}
