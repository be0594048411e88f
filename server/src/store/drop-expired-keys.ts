import type pg from "pg";

/** Most rows one statement removes. */
const BATCH = 5_000;

/** Forgets the keys of webhooks whose window is over. Returns how many there were. */
export async function dropExpiredKeys(pool: pg.Pool): Promise<number> {
  for (let total = 0; ; ) {
    const { rowCount } = await pool.query({
      name: "drop-expired-keys",
      text: `DELETE FROM webhook_keys k USING (
          SELECT input_id, key FROM webhook_keys WHERE expires_at <= now() ORDER BY expires_at
          LIMIT $1 FOR UPDATE SKIP LOCKED
        ) AS old WHERE k.input_id = old.input_id AND k.key = old.key`,
      values: [BATCH],
    });
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return total;
  }
}
