import type pg from "pg";

export interface LaneKey {
  readonly outputId: string;
  readonly agentId: number;
}

/** Which of the lanes have waiting deliveries. One index probe per lane, however much waits. */
export async function lanesWithBacklog(pool: pg.Pool, lanes: readonly LaneKey[]): Promise<LaneKey[]> {
  if (lanes.length === 0) return [];
  const { rows } = await pool.query<LaneKey>({
    name: "lanes-with-backlog",
    text: `SELECT output AS "outputId", agent AS "agentId" FROM unnest($1::uuid[], $2::int[]) AS lane(output, agent)
      WHERE EXISTS (SELECT FROM deliveries WHERE output_id = output AND agent_id = agent AND holder IS NULL AND due_at IS NULL)`,
    values: [`{${lanes.map((lane) => lane.outputId).join(",")}}`, `{${lanes.map((lane) => lane.agentId).join(",")}}`],
  });
  return rows;
}
