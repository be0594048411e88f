import type pg from "pg";

/** Runs `work` unless another server holds the same advisory lock: then it does nothing. Holds a connection meanwhile. */
export async function runAlone(pool: pg.Pool, lock: number, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [lock]);
    if (rows[0]?.locked !== true) return;
    try {
      await work();
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [lock]);
    }
  } finally {
    client.release();
  }
}
