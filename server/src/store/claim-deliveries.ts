import { randomBytes } from "node:crypto";
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

/**
 * Takes the candidates, as many as the bytes allow. `looked` is how much was looked at; there is one row without an id when
 * nothing was taken.
 */
const taking = (candidates: string) => `
WITH RECURSIVE ${candidates}, fitting AS (
  SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM candidate) AS running WHERE before < $4
), claimed AS (
  UPDATE deliveries d SET holder = $5, attempt = least(d.attempt + 1, 32767) FROM fitting WHERE d.id = fitting.id
  RETURNING d.id, d.webhook_id, d.bucket_id, d.attempt, d.retries, d.skip_function
)
SELECT l.looked, c.* FROM (SELECT count(*)::int AS looked FROM looked_at) AS l LEFT JOIN (
  SELECT c.id, c.webhook_id AS "webhookId", c.bucket_id AS "bucketId", c.attempt, c.retries,
    coalesce(c.skip_function, false) AS "skipFunction", w.input_id AS "inputId",
    w.key_version AS "keyVersion", w.sealed
  FROM claimed c LEFT JOIN webhooks w ON w.id = c.webhook_id
) AS c ON true ORDER BY c.id`;

/**
 * Oldest first, in batches; SKIP LOCKED lets several servers claim from one output without waiting for each other. The
 * partial index `deliveries_waiting` gives the order, so the cost does not grow with what waits.
 */
const CLAIM = taking(`candidate AS (
  SELECT id, size FROM deliveries
  WHERE output_id = $1 AND agent_id = $2 AND holder IS NULL AND due_at IS NULL
  ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
), looked_at AS (SELECT FROM candidate)`);

/** Waiting deliveries that are looked at in the order of their age, to find those that are the first of their key. */
const WINDOW = 512;

/** A delivery that another server takes, or gets back, while this statement looks is not taken. */
const FIRST_OF_THEIR_KEYS = `candidate AS (
  SELECT id, size FROM deliveries
  WHERE id = ANY (ARRAY(SELECT id FROM heads)) AND holder IS NULL AND due_at IS NULL
  ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
)`;

/**
 * Only what has nothing before it in its order: what is in hand of the same key, or waits for its next attempt, comes first.
 * Looks at the oldest that wait, and no further.
 */
const CLAIM_OLDEST_IN_ORDER = taking(`looked_at AS MATERIALIZED (
  SELECT id, order_key FROM deliveries
  WHERE output_id = $1 AND agent_id = $2 AND holder IS NULL AND due_at IS NULL ORDER BY id LIMIT ${WINDOW}
), first AS (
  SELECT id, order_key, row_number() OVER (PARTITION BY order_key ORDER BY id) AS place FROM looked_at
), heads AS MATERIALIZED (
  SELECT id FROM first WHERE order_key IS NULL OR (place = 1 AND id = (
    SELECT e.id FROM deliveries e WHERE e.output_id = $1 AND e.agent_id = $2 AND e.order_key = first.order_key
    ORDER BY e.id LIMIT 1))
), ${FIRST_OF_THEIR_KEYS}`);

/**
 * When the oldest are many of few keys that are held up: goes from key to key, from $6 to $7, by the index
 * `deliveries_in_order`, and looks at the first of each alone, until it has enough. What waits behind a key costs nothing.
 */
const CLAIM_KEY_BY_KEY = taking(`walk AS (
  (SELECT order_key, id, holder IS NULL AND due_at IS NULL AS waits FROM deliveries
    WHERE output_id = $1 AND agent_id = $2 AND order_key >= $6 AND order_key <= $7 ORDER BY order_key, id LIMIT 1)
  UNION ALL
  SELECT next.* FROM walk CROSS JOIN LATERAL (
    SELECT order_key, id, holder IS NULL AND due_at IS NULL AS waits FROM deliveries
    WHERE output_id = $1 AND agent_id = $2 AND order_key > walk.order_key AND order_key <= $7
    ORDER BY order_key, id LIMIT 1) AS next
), heads AS MATERIALIZED (SELECT id FROM walk WHERE waits LIMIT $3), looked_at AS (SELECT FROM heads), ${FIRST_OF_THEIR_KEYS}`);

const FIRST_KEY = -(2n ** 63n);
const LAST_KEY = 2n ** 63n - 1n;

/** Takes waiting deliveries of one output for this server. */
export async function claimDeliveries(db: Queryable | pg.Pool, request: ClaimRequest): Promise<ClaimedDelivery[]> {
  if (!request.inOrder) return (await take(db, request, { name: "claim-deliveries", text: CLAIM, more: [] })).claimed;
  const oldest = await take(db, request, { name: "claim-oldest-in-order", text: CLAIM_OLDEST_IN_ORDER, more: [] });
  if (oldest.looked < WINDOW) return oldest.claimed;
  const { claimed } = oldest;
  // From anywhere, so that each key has its turn.
  const from = randomBytes(8).readBigInt64BE();
  for (const [first, last] of [
    [from, LAST_KEY],
    [FIRST_KEY, from],
  ]) {
    const limit = request.limit - claimed.length;
    const maxBytes = claimed.reduce((left, { sealed }) => left - (sealed?.length ?? 0), request.maxBytes);
    if (limit <= 0 || maxBytes <= 0) break;
    const statement = { name: "claim-key-by-key", text: CLAIM_KEY_BY_KEY, more: [String(first), String(last)] };
    claimed.push(...(await take(db, { ...request, limit, maxBytes }, statement)).claimed);
  }
  return claimed.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function take(
  db: Queryable | pg.Pool,
  { outputId, agentId, limit, maxBytes, holder }: ClaimRequest,
  { name, text, more }: { name: string; text: string; more: readonly string[] },
): Promise<{ looked: number; claimed: ClaimedDelivery[] }> {
  const values = [outputId, agentId, limit, maxBytes, holder, ...more];
  const { rows } = await db.query<ClaimedDelivery & { looked: number }>({ name, text, values });
  // The one row without an id says that nothing was taken.
  return { looked: rows[0]?.looked ?? 0, claimed: rows.filter(({ id }) => id !== null) };
}
