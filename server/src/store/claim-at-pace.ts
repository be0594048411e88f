import type pg from "pg";
import { type ClaimedDelivery, type ClaimRequest, claimDeliveries } from "./claim-deliveries.js";
import { inTransaction } from "./in-transaction.js";

/** How fast an output may be served, over all servers. */
export interface Pace {
  /** Milliseconds between two deliveries; 0 is no limit. */
  readonly intervalMs: number;
  /** Most deliveries in hand at a time; 0 is no limit. */
  readonly concurrency: number;
}

export interface PacedClaim {
  readonly claimed: readonly ClaimedDelivery[];
  /** Milliseconds until another one may go, when the pace was in the way; 0 when it was not. */
  readonly againMs: number;
  /** As many as may be in hand are: the end of one lets the next go. */
  readonly atConcurrency: boolean;
}

/** Deliveries that may go at once after a pause, as a share of a second: a tick of the clock must not cost throughput. */
const BURST_MS = 100;

/** When nothing limits the rate, or the limit is not in the way. */
const AT_ONCE = 0;

/**
 * Claims no more than the pace allows. The row of the output is locked meanwhile, so that servers together keep to it: the
 * rate by the generic cell rate algorithm (ITU-T I.371), the concurrency by counting what is in hand.
 */
export async function claimAtPace(pool: pg.Pool, request: ClaimRequest, pace: Pace): Promise<PacedClaim> {
  return inTransaction(pool, async (client) => {
    await client.query("INSERT INTO output_paces (output_id) VALUES ($1) ON CONFLICT DO NOTHING", [request.outputId]);
    // First the lock, alone: a statement sees what was committed when it began, not while it waited.
    await client.query("SELECT FROM output_paces WHERE output_id = $1 FOR UPDATE", [request.outputId]);
    const { rows } = await client.query<{ nextMs: number; nowMs: number; held: number }>(
      `SELECT next_ms AS "nextMs", (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs",
         (SELECT count(*)::int FROM deliveries WHERE output_id = $1 AND counted AND holder IS NOT NULL) AS held
       FROM output_paces WHERE output_id = $1`,
      [request.outputId],
    );
    const row = rows[0];
    // The output was deleted.
    if (row === undefined) return { claimed: [], againMs: AT_ONCE, atConcurrency: false };
    const free = pace.concurrency === 0 ? request.limit : Math.max(0, pace.concurrency - row.held);
    const due = allowed(pace.intervalMs, row);
    const limit = Math.min(request.limit, free, due.count);
    if (limit === 0)
      return { claimed: [], againMs: due.count === 0 ? due.againMs : AT_ONCE, atConcurrency: free === 0 };
    const claimed = await claimDeliveries(client, { ...request, limit });
    if (pace.intervalMs > 0 && claimed.length > 0) {
      const from = Math.max(row.nextMs, row.nowMs - BURST_MS);
      await client.query("UPDATE output_paces SET next_ms = $2 WHERE output_id = $1", [
        request.outputId,
        from + claimed.length * pace.intervalMs,
      ]);
    }
    const cut = claimed.length === limit && limit < request.limit;
    return {
      claimed,
      againMs: cut && due.count === limit ? due.againMs : AT_ONCE,
      atConcurrency: free <= claimed.length,
    };
  });
}

/** How many may go now, and when the one after them may. */
function allowed(intervalMs: number, { nextMs, nowMs }: { nextMs: number; nowMs: number }) {
  if (intervalMs === 0) return { count: Number.POSITIVE_INFINITY, againMs: AT_ONCE };
  const from = Math.max(nextMs, nowMs - BURST_MS);
  const count = from > nowMs ? 0 : Math.floor((nowMs - from) / intervalMs) + 1;
  return { count, againMs: Math.max(1, Math.ceil(from + count * intervalMs - nowMs)) };
}
