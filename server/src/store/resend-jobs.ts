import type pg from "pg";
import type { Queryable } from "./queryable.js";

export type ResendState = "running" | "done" | "cancelled" | "failed";

/** Why deliveries were not sent again, by how many. */
export interface ResendSkipped {
  readonly ephemeral: number;
  /** Retention has dropped the webhook. */
  readonly removed: number;
  /** It had no output, or the output is deleted or disabled. */
  readonly noOutput: number;
  /** No agent known by name serves the output. */
  readonly noAgent: number;
  /** The same webhook was made for the same target by this job already. */
  readonly again: number;
}

/** A job that sends finished deliveries again. */
export interface ResendJob {
  readonly id: string;
  readonly bucketId: string;
  readonly statuses: readonly number[];
  readonly fromId: string;
  readonly toId: string;
  readonly outputId: string | null;
  readonly inputId: string | null;
  readonly toOutputId: string | null;
  readonly skipFunction: boolean;
  /** Webhooks per second. */
  readonly rate: number;
  readonly state: ResendState;
  readonly error: string;
  readonly total: number;
  readonly bounded: boolean;
  readonly cursorId: string;
  readonly found: number;
  readonly made: number;
  readonly skipped: ResendSkipped;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
}

export type NewResendJob = Pick<
  ResendJob,
  | "id"
  | "bucketId"
  | "statuses"
  | "fromId"
  | "toId"
  | "outputId"
  | "inputId"
  | "toOutputId"
  | "skipFunction"
  | "rate"
  | "total"
  | "bounded"
>;

const seconds = (column: string) => `floor(extract(epoch FROM ${column}))::float8`;

/** The columns of a job, as `ResendJob`. */
export const RESEND_JOB = `id, bucket_id AS "bucketId", statuses::int[] AS statuses, from_id AS "fromId", to_id AS "toId",
  output_id AS "outputId", input_id AS "inputId", to_output_id AS "toOutputId", skip_function AS "skipFunction", rate, state,
  error, total::float8 AS total, bounded, cursor_id AS "cursorId", found::float8 AS found, made::float8 AS made,
  json_build_object('ephemeral', skipped_ephemeral, 'removed', skipped_removed, 'noOutput', skipped_no_output,
    'noAgent', skipped_no_agent, 'again', skipped_again) AS skipped,
  ${seconds("created_at")} AS "createdAt", ${seconds("updated_at")} AS "updatedAt", ${seconds("finished_at")} AS "finishedAt"`;

/** Keeps a new job, unless `mostRunning` run already: then undefined. */
export async function insertResendJob(
  pool: pg.Pool,
  job: NewResendJob,
  mostRunning: number,
): Promise<ResendJob | undefined> {
  const { rows } = await pool.query<ResendJob>(
    `INSERT INTO resends (id, bucket_id, statuses, from_id, to_id, output_id, input_id, to_output_id, skip_function, rate,
       total, bounded, cursor_id)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $4
     WHERE (SELECT count(*) FROM resends WHERE state = 'running') < $13 RETURNING ${RESEND_JOB}`,
    [
      job.id,
      job.bucketId,
      [...job.statuses],
      job.fromId,
      job.toId,
      job.outputId,
      job.inputId,
      job.toOutputId,
      job.skipFunction,
      job.rate,
      job.total,
      job.bounded,
      mostRunning,
    ],
  );
  return rows[0];
}

/** One job, or undefined. */
export async function selectResendJob(db: Queryable, id: string): Promise<ResendJob | undefined> {
  const { rows } = await db.query<ResendJob>(`SELECT ${RESEND_JOB} FROM resends WHERE id = $1`, [id]);
  return rows[0];
}

/** Jobs of these buckets, newest first, before `beforeId`. */
export async function selectResendJobs(
  db: Queryable,
  { bucketIds, beforeId, limit }: { bucketIds: readonly string[]; beforeId: string; limit: number },
): Promise<ResendJob[]> {
  const { rows } = await db.query<ResendJob>(
    `SELECT ${RESEND_JOB} FROM resends WHERE bucket_id = ANY($1::uuid[]) AND id < $2 ORDER BY id DESC LIMIT $3`,
    [[...bucketIds], beforeId, limit],
  );
  return rows;
}

/** Ends a running job; what it has made stays. A job that is over already stays as it is. */
export async function cancelResendJob(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE resends SET state = 'cancelled', holder = NULL, lease_until = NULL, updated_at = now(), finished_at = now()
     WHERE id = $1 AND state = 'running'`,
    [id],
  );
}
