import type pg from "pg";
import { firstIdAt, idTime } from "../ids.js";
import { STATUS } from "./complete-deliveries.js";

/** Most rows one statement moves, so that a million missed webhooks never make one long transaction. */
const BATCH = 5_000;

export interface Stalled {
  readonly count: number;
  /** Unix milliseconds of the oldest and newest one; 0 when there is none. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StallRequest {
  readonly outputId: string;
  readonly agentId: number;
  /** Unix milliseconds. */
  readonly olderThanMs: number;
  /** What becomes of them; by default they are stalled. */
  readonly end?: { readonly status: number; readonly errorClass: string };
}

const STALLED = { status: STATUS.stalled, errorClass: "" };

/**
 * Deliveries that waited longer than the resume window become `stalled`: finished without having been tried, visible,
 * re-sent on request. Only those of the given output and agent, so that a backlog that an agent is working on is not cut.
 */
export async function stallDeliveries(
  pool: pg.Pool,
  { outputId, agentId, olderThanMs, end = STALLED }: StallRequest,
): Promise<Stalled> {
  const total = { count: 0, fromMs: 0, toMs: 0 };
  for (;;) {
    const { rows } = await pool.query<{ count: number; first: string | null; last: string | null }>(
      `WITH old AS (
         SELECT id FROM deliveries WHERE output_id = $1 AND agent_id = $2 AND holder IS NULL AND due_at IS NULL AND id < $3
         ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
       ), gone AS (
         DELETE FROM deliveries d USING old WHERE d.id = old.id
         RETURNING d.id, d.webhook_id, d.bucket_id, d.output_id, d.agent_id, d.attempt
       ), kept AS (
         INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, attempt, error_class)
         SELECT id, webhook_id, bucket_id, output_id, agent_id, $4, attempt, $5 FROM gone RETURNING id
       )
       SELECT count(*)::int AS count, min(id::text) AS first, max(id::text) AS last
       FROM kept`,
      [outputId, agentId, firstIdAt(olderThanMs), end.status, end.errorClass],
    );
    const row = rows[0];
    if (row === undefined || row.first === null || row.last === null) return total;
    if (total.count === 0) total.fromMs = idTime(row.first);
    total.toMs = idTime(row.last);
    total.count += row.count;
    if (row.count < BATCH) return total;
  }
}

/** How far before the moment a webhook may have come that was stalled after it; keeps the search to few partitions. */
const REACH_MS = 86_400_000;

/**
 * What was stalled of an output since a moment: what an agent that comes back must be told. Counts by the time of
 * stalling, so that a webhook that came before the agent left is announced too. `sinceMs` in Unix milliseconds.
 */
export async function stalledSince(
  pool: pg.Pool,
  { bucketId, outputId, agentId, sinceMs }: { bucketId: string; outputId: string; agentId: number; sinceMs: number },
): Promise<Stalled> {
  const { rows } = await pool.query<{ count: number; first: string | null; last: string | null }>(
    `SELECT count(*)::int AS count, min(id::text) AS first, max(id::text) AS last FROM outcomes
     WHERE bucket_id = $1 AND output_id = $2 AND agent_id = $3 AND status = 3
       AND finished_at >= to_timestamp($4 / 1000.0) AND id >= $5`,
    [bucketId, outputId, agentId, sinceMs, firstIdAt(sinceMs - REACH_MS)],
  );
  const row = rows[0];
  if (row === undefined || row.first === null || row.last === null) {
    return { count: 0, fromMs: 0, toMs: 0 };
  }
  return { count: row.count, fromMs: idTime(row.first), toMs: idTime(row.last) };
}
