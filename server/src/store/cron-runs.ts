import { cronSettings } from "../attributes/cron-settings.js";
import type { Cron } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** When a cron ran and runs next: Unix milliseconds, or null. */
export interface CronRuns {
  readonly nextRunMs: number | null;
  readonly lastRunMs: number | null;
}

/** A cron whose next run is near. */
export interface UpcomingCron {
  readonly id: string;
  readonly bucketId: string;
  readonly dueMs: number;
}

/** A cron whose run this transaction has taken. */
export interface DueCron extends Pick<Cron, "id" | "bucketId" | "settings"> {
  readonly dueMs: number;
}

/** What becomes of a cron after a run, or after one that was left out. */
export interface AdvancedCron {
  readonly id: string;
  readonly nextRunMs: number | null;
  /** Undefined when it did not run. */
  readonly lastRunMs: number | undefined;
}

/** Crons that are due before a moment, those that wait longest first: one index range, every second. */
export async function upcomingCrons(db: Queryable, beforeMs: number, limit: number): Promise<UpcomingCron[]> {
  const { rows } = await db.query<UpcomingCron>({
    name: "upcoming-crons",
    text: `SELECT id, bucket_id AS "bucketId", next_run_ms::float8 AS "dueMs" FROM crons
      WHERE next_run_ms < $1::bigint ORDER BY next_run_ms LIMIT $2`,
    values: [beforeMs, limit],
  });
  return rows;
}

/**
 * Takes the due ones of these crons until the transaction ends. Those that another server has taken are left out, so a
 * run is made by one server; its definition is the one of this moment.
 */
export async function takeDueCrons(db: Queryable, ids: readonly string[], nowMs: number): Promise<DueCron[]> {
  const { rows } = await db.query<DueCron>({
    name: "take-due-crons",
    text: `SELECT id, bucket_id AS "bucketId", settings, next_run_ms::float8 AS "dueMs" FROM crons
      WHERE id = ANY($1::uuid[]) AND next_run_ms <= $2::bigint ORDER BY next_run_ms, id FOR UPDATE SKIP LOCKED`,
    values: [[...ids], nowMs],
  });
  return rows.map((row) => ({ ...row, settings: cronSettings(row.settings) }));
}

/** In the transaction that took them. */
export async function advanceCrons(db: Queryable, crons: readonly AdvancedCron[]): Promise<void> {
  const text = `UPDATE crons c SET next_run_ms = r.next_run_ms, last_run_ms = coalesce(r.last_run_ms, c.last_run_ms)
    FROM json_to_recordset($1) AS r (id uuid, next_run_ms bigint, last_run_ms bigint) WHERE c.id = r.id`;
  await writeRows(
    db,
    text,
    crons.map(({ id, nextRunMs, lastRunMs }) => ({ id, next_run_ms: nextRunMs, last_run_ms: lastRunMs ?? null })),
  );
}

/** The state of these crons, by id. */
export async function selectCronRuns(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CronRuns>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<CronRuns & { id: string }>(
    `SELECT id, next_run_ms::float8 AS "nextRunMs", last_run_ms::float8 AS "lastRunMs" FROM crons
     WHERE id = ANY($1::uuid[])`,
    [[...ids]],
  );
  return new Map(rows.map(({ id, ...runs }) => [id, runs]));
}
