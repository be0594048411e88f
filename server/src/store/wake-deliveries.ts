import type pg from "pg";

/**
 * Makes deliveries whose next attempt is due wait as all others, oldest due first; SKIP LOCKED lets several servers do it at a
 * time. Returns how many there were, and of which outputs. Its commit waits for no disk, which webhooks that come in want to
 * themselves: what a crash of the database undoes is found due again.
 */
export async function wakeDueDeliveries(
  pool: pg.Pool,
  limit: number,
): Promise<{ readonly count: number; readonly outputIds: readonly string[] }> {
  return woken(pool, {
    name: "wake-due-deliveries",
    text: `WITH due AS (
        SELECT id FROM deliveries WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
      )
      UPDATE deliveries d SET due_at = NULL FROM due
      WHERE d.id = due.id AND set_config('synchronous_commit', 'off', true) = 'off' RETURNING d.output_id AS "outputId"`,
    values: [limit],
  });
}

/** The same for one output, whether they are due or not: its destination is back. */
export async function wakeDeliveriesOfOutput(pool: pg.Pool, outputId: string, limit: number): Promise<number> {
  const { count } = await woken(pool, {
    name: "wake-deliveries-of-output",
    text: `WITH next AS (
        SELECT id FROM deliveries WHERE output_id = $1 AND due_at IS NOT NULL ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
      )
      UPDATE deliveries d SET due_at = NULL FROM next
      WHERE d.id = next.id AND set_config('synchronous_commit', 'off', true) = 'off' RETURNING d.output_id AS "outputId"`,
    values: [outputId, limit],
  });
  return count;
}

async function woken(pool: pg.Pool, query: pg.QueryConfig) {
  const { rows } = await pool.query<{ outputId: string }>(query);
  return { count: rows.length, outputIds: [...new Set(rows.map(({ outputId }) => outputId))] };
}
