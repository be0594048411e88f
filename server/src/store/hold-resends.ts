import type pg from "pg";
import type { Queryable } from "./queryable.js";
import { RESEND_JOB, type ResendJob, type ResendSkipped } from "./resend-jobs.js";

export interface ResendHolder {
  /** Who works on jobs: another one at each start of a server. */
  readonly holder: string;
  readonly leaseMs: number;
}

/** Takes running jobs that nobody works on, the oldest first: new ones, and those of servers that died. */
export async function claimResends(
  pool: pg.Pool,
  { holder, leaseMs }: ResendHolder,
  limit: number,
): Promise<Pick<ResendJob, "id" | "rate">[]> {
  const { rows } = await pool.query<Pick<ResendJob, "id" | "rate">>(
    `UPDATE resends SET holder = $1, lease_until = now() + $2 * interval '1 millisecond' WHERE id IN (
       SELECT id FROM resends WHERE state = 'running' AND (holder IS NULL OR lease_until < now())
       ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
     ) RETURNING id, rate`,
    [holder, leaseMs, limit],
  );
  return rows;
}

/** The job, locked until the end of the transaction; undefined when it is not this holder's any more, or is over. */
export async function lockResend(client: pg.ClientBase, id: string, holder: string): Promise<ResendJob | undefined> {
  const { rows } = await client.query<ResendJob>(
    `SELECT ${RESEND_JOB} FROM resends WHERE id = $1 AND holder = $2 AND state = 'running' FOR UPDATE`,
    [id, holder],
  );
  return rows[0];
}

export interface ResendProgress {
  readonly id: string;
  readonly cursorId: string;
  readonly found: number;
  readonly made: number;
  readonly skipped: ResendSkipped;
  readonly leaseMs: number;
  readonly done: boolean;
}

/** Moves a locked job on. */
export async function advanceResend(client: pg.ClientBase, progress: ResendProgress): Promise<void> {
  const { id, cursorId, found, made, skipped, leaseMs, done } = progress;
  await client.query(
    `UPDATE resends SET cursor_id = $2, found = found + $3, made = made + $4, skipped_ephemeral = skipped_ephemeral + $5,
       skipped_removed = skipped_removed + $6, skipped_no_output = skipped_no_output + $7,
       skipped_no_agent = skipped_no_agent + $8, skipped_again = skipped_again + $9, updated_at = now(),
       lease_until = now() + $10 * interval '1 millisecond',
       state = CASE WHEN $11 THEN 'done' ELSE state END, finished_at = CASE WHEN $11 THEN now() END,
       holder = CASE WHEN $11 THEN NULL ELSE holder END
     WHERE id = $1`,
    [
      id,
      cursorId,
      found,
      made,
      skipped.ephemeral,
      skipped.removed,
      skipped.noOutput,
      skipped.noAgent,
      skipped.again,
      leaseMs,
      done,
    ],
  );
}

/** Ends a job that cannot go on; `error` is for people. */
export async function failResend(db: Queryable, id: string, holder: string, error: string): Promise<void> {
  await db.query(
    `UPDATE resends SET state = 'failed', error = $3, holder = NULL, lease_until = NULL, updated_at = now(), finished_at = now()
     WHERE id = $1 AND holder = $2 AND state = 'running'`,
    [id, holder, error],
  );
}

/** Gives all jobs back: another server may go on at once. */
export async function releaseResends(pool: pg.Pool, holder: string): Promise<void> {
  await pool.query("UPDATE resends SET holder = NULL, lease_until = NULL WHERE holder = $1", [holder]);
}
