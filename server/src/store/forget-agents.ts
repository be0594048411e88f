import type pg from "pg";

/**
 * Deletes agents that have been away for `awayMs` and have no deliveries left: a new pod is a new name, and the old ones
 * never come back. One that does is a new agent. Safe beside an agent that connects at this moment: its row is either
 * gone before, and made anew, or no longer away. Returns how many there were.
 */
export async function forgetAgents(pool: pg.Pool, awayMs: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM agents WHERE server_id IS NULL AND last_seen_at < now() - $1 * interval '1 millisecond'
       AND id NOT IN (SELECT agent_id FROM deliveries WHERE agent_id <> 0)`,
    [awayMs],
  );
  return rowCount ?? 0;
}
