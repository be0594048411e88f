import type pg from "pg";

/**
 * Which of these outputs have something that waits for any agent, and which of these buckets something that had no output to
 * go to. One index probe each, however much waits; EXISTS would drop the order, and with it the probe.
 */
export async function waitingSubjects(pool: pg.Pool, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: "waiting-subjects",
    text: `SELECT id FROM unnest($1::uuid[]) AS t(id)
      WHERE (SELECT d.id FROM deliveries d WHERE output_id = t.id AND agent_id = 0 AND holder IS NULL AND due_at IS NULL ORDER BY d.id LIMIT 1) IS NOT NULL
         OR (SELECT o.id FROM outcomes o WHERE bucket_id = t.id AND status = 4 ORDER BY o.id LIMIT 1) IS NOT NULL`,
    values: [`{${ids.join(",")}}`],
  });
  return rows.map(({ id }) => id);
}
