import type pg from "pg";
import { idTime } from "../ids.js";

export interface DeliveryCounts {
  readonly waiting: number;
  readonly held: number;
  /** Those whose next attempt is due later. */
  readonly scheduled: number;
  /** Age of the oldest one that waits, in seconds; 0 when none does. */
  readonly oldestSeconds: number;
}

/** Counting stops here: a scrape must not read a million rows. */
const COUNT_LIMIT = 100_000;

/** What waits and what is held, bounded. `nowMs` is Unix milliseconds. */
export async function deliveryCounts(pool: pg.Pool, nowMs: number): Promise<DeliveryCounts> {
  const { rows } = await pool.query<{ waiting: number; held: number; scheduled: number; oldest: string | null }>(
    `SELECT
       (SELECT count(*)::int FROM (SELECT FROM deliveries WHERE holder IS NULL AND due_at IS NULL LIMIT ${COUNT_LIMIT}) AS w) AS waiting,
       (SELECT count(*)::int FROM (SELECT FROM deliveries WHERE due_at IS NOT NULL LIMIT ${COUNT_LIMIT}) AS s) AS scheduled,
       (SELECT count(*)::int FROM (SELECT FROM deliveries WHERE holder IS NOT NULL LIMIT ${COUNT_LIMIT}) AS h) AS held,
       (SELECT id::text FROM deliveries WHERE holder IS NULL AND due_at IS NULL ORDER BY id LIMIT 1) AS oldest`,
  );
  const row = rows[0];
  if (row === undefined) return { waiting: 0, held: 0, scheduled: 0, oldestSeconds: 0 };
  return {
    waiting: row.waiting,
    held: row.held,
    scheduled: row.scheduled,
    oldestSeconds: row.oldest === null ? 0 : Math.max(0, (nowMs - idTime(row.oldest)) / 1000),
  };
}
