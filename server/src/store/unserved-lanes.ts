import type pg from "pg";
import type { LaneKey } from "./lanes-with-backlog.js";

/**
 * Outputs (and agents, where each gets its own) that no connected agent serves but deliveries wait for since before
 * `beforeId`; not of outputs with a schedule of their own, which says how long they wait for any agent. Also those left from before an output changed between `one` and `each`.
 */
export async function unservedLanes(pool: pg.Pool, beforeId: string): Promise<LaneKey[]> {
  const { rows } = await pool.query<LaneKey>(
    `WITH served AS (SELECT DISTINCT unnest(output_ids) AS output_id FROM agents WHERE server_id IS NOT NULL),
     impatient AS (
       SELECT id, agents FROM outputs
       WHERE internal AND (agents = 'each' OR coalesce(settings->'retry'->>'schedule', 'default') = 'default')
     ),
     lane AS (
       SELECT id AS output, 0 AS agent FROM impatient WHERE id NOT IN (SELECT output_id FROM served)
       UNION ALL
       SELECT id, 0 FROM impatient WHERE agents = 'each'
       UNION ALL
       SELECT o.id, a.id FROM impatient o JOIN agents a ON o.id = ANY(a.output_ids)
       WHERE o.agents = 'one' OR a.server_id IS NULL
     )
     SELECT output AS "outputId", agent AS "agentId" FROM lane
     WHERE EXISTS (
       SELECT FROM deliveries WHERE output_id = output AND agent_id = agent AND holder IS NULL AND due_at IS NULL AND id < $1
     )`,
    [beforeId],
  );
  return rows;
}
