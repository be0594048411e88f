import type pg from "pg";
import { firstIdAt } from "../ids.js";

export interface OutputDeadline {
  readonly outputId: string;
  /** Unix milliseconds: what is older is overdue. */
  readonly olderThanMs: number;
}

/** Those of the outputs for which something waits that is overdue. One index probe per output, however much waits. */
export async function overdueOutputs(pool: pg.Pool, deadlines: readonly OutputDeadline[]): Promise<Set<string>> {
  if (deadlines.length === 0) return new Set();
  const { rows } = await pool.query<{ outputId: string }>({
    name: "overdue-outputs",
    text: `SELECT output AS "outputId" FROM unnest($1::uuid[], $2::uuid[]) AS o(output, before)
      WHERE EXISTS (
        SELECT FROM deliveries WHERE output_id = output AND agent_id = 0 AND holder IS NULL AND due_at IS NULL AND id < before)`,
    values: [deadlines.map(({ outputId }) => outputId), deadlines.map(({ olderThanMs }) => firstIdAt(olderThanMs))],
  });
  return new Set(rows.map(({ outputId }) => outputId));
}
