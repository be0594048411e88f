import type pg from "pg";
import { firstIdAt } from "../ids.js";

const DAY_MS = 86_400_000;
const PARTITIONED = ["webhooks", "outcomes", "attempts", "executions"] as const;

/** Days for which partitions are made ahead, so that a database that is away at midnight costs nothing. */
const DAYS_AHEAD = 3;

function dayName(dayStart: number): string {
  return new Date(dayStart).toISOString().slice(0, 10).replaceAll("-", "");
}

/** Makes the partitions of yesterday (clocks differ between servers) to some days ahead. `nowMs` is Unix milliseconds. */
export async function ensurePartitions(pool: pg.Pool, nowMs: number): Promise<void> {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  for (let day = today - DAY_MS; day <= today + DAYS_AHEAD * DAY_MS; day += DAY_MS) {
    for (const table of PARTITIONED) {
      const name = `${table}_${dayName(day)}`;
      const { rows } = await pool.query("SELECT to_regclass($1) AS found", [name]);
      if (rows[0]?.found !== null) continue;
      try {
        await pool.query(
          `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF ${table} FOR VALUES FROM ('${firstIdAt(day)}') TO ('${firstIdAt(day + DAY_MS)}')`,
        );
      } catch (error) {
        // 42P07, 23505: another server made the same partition at the same moment.
        const code = (error as { code?: string }).code;
        if (code !== "42P07" && code !== "23505") throw error;
      }
    }
  }
}

/**
 * Retention: drops the partitions whose whole day is older than `retentionDays`, and the deliveries that still pointed
 * into them. Returns the names of the dropped tables.
 */
export async function dropOldPartitions(pool: pg.Pool, nowMs: number, retentionDays: number): Promise<string[]> {
  const oldest = dayName(Math.floor(nowMs / DAY_MS) * DAY_MS - retentionDays * DAY_MS);
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('webhooks'::regclass, 'outcomes'::regclass, 'attempts'::regclass, 'executions'::regclass) ORDER BY c.relname`,
  );
  const expired = rows.map((row) => row.name).filter((name) => /_\d{8}$/.test(name) && name.slice(-8) < oldest);
  if (expired.length === 0) return [];
  const limit = Date.UTC(Number(oldest.slice(0, 4)), Number(oldest.slice(4, 6)) - 1, Number(oldest.slice(6, 8)));
  await pool.query("DELETE FROM deliveries WHERE webhook_id < $1", [firstIdAt(limit)]);
  for (const name of expired) await pool.query(`DROP TABLE IF EXISTS ${name}`);
  return expired;
}
