import type pg from "pg";
import type { Queryable } from "./queryable.js";

/** One delivery as the API lists it: still in `deliveries`, or finished in `outcomes`. */
export interface LogRow {
  readonly id: string;
  readonly webhookId: string;
  readonly bucketId: string;
  /** Null for a webhook of a bucket without outputs. */
  readonly outputId: string | null;
  readonly agentId: number;
  /** Number of the status in the public API. */
  readonly status: number;
  readonly statusCode: number;
  readonly attempt: number;
  readonly durationMs: number;
  /** Unix seconds; null while it is not finished. */
  readonly finishedAt: number | null;
  readonly keyVersion: number;
  readonly response: Buffer | null;
  /** What kept an answer from coming, in one word. */
  readonly errorClass: string;
  /** When the next attempt is due, in Unix seconds; null when none is scheduled. */
  readonly dueAt: number | null;
}

export interface LogFilter {
  readonly bucketIds: readonly string[];
  /** Number of the status in the public API; undefined for all. */
  readonly status: number | undefined;
  /** Delivery ids from this one, up to and without the other: ranges of ids are ranges of time. */
  readonly fromId: string | undefined;
  readonly toId: string | undefined;
}

const UNFINISHED = `id, webhook_id AS "webhookId", bucket_id AS "bucketId", output_id AS "outputId", agent_id AS "agentId",
  CASE WHEN holder IS NULL THEN 4 ELSE 0 END AS status, 0 AS "statusCode", attempt, 0 AS "durationMs",
  NULL::float8 AS "finishedAt", 0 AS "keyVersion", NULL::bytea AS response, '' AS "errorClass",
  floor(extract(epoch FROM due_at))::float8 AS "dueAt"`;

const FINISHED = `id, webhook_id AS "webhookId", bucket_id AS "bucketId", output_id AS "outputId", agent_id AS "agentId",
  status::int AS status, status_code::int AS "statusCode", attempt, duration_ms AS "durationMs",
  floor(extract(epoch FROM finished_at))::float8 AS "finishedAt", key_version AS "keyVersion", response,
  error_class AS "errorClass", NULL::float8 AS "dueAt"`;

/** Milliseconds that counting may take; a rare status in a long history could else scan all of it. */
const COUNT_TIMEOUT_MS = 2_000;

/** Conditions of both tables, with `$1`... for the values. */
function conditions(filter: LogFilter): { deliveries: string; outcomes: string; values: unknown[] } {
  const values: unknown[] = [[...filter.bucketIds]];
  let both = "bucket_id = ANY($1::uuid[])";
  if (filter.fromId !== undefined) both += ` AND id >= $${values.push(filter.fromId)}::uuid`;
  if (filter.toId !== undefined) both += ` AND id < $${values.push(filter.toId)}::uuid`;
  if (filter.status === undefined) return { deliveries: both, outcomes: both, values };
  const held = { 0: "holder IS NOT NULL", 4: "holder IS NULL" }[filter.status] ?? "false";
  return {
    deliveries: `${both} AND ${held}`,
    outcomes: `${both} AND status = $${values.push(filter.status)}::smallint`,
    values,
  };
}

/** Newest first. A delivery that finishes meanwhile is in exactly one place: it is one statement, so one snapshot. */
export async function selectLogs(db: Queryable, filter: LogFilter, limit: number, offset: number): Promise<LogRow[]> {
  const { deliveries, outcomes, values } = conditions(filter);
  const most = `$${values.push(limit + offset)}::bigint`;
  const skip = `$${values.push(offset)}::bigint`;
  const { rows } = await db.query<LogRow>(
    `SELECT * FROM (
       (SELECT ${UNFINISHED} FROM deliveries WHERE ${deliveries} ORDER BY id DESC LIMIT ${most})
       UNION ALL
       (SELECT ${FINISHED} FROM outcomes WHERE ${outcomes} ORDER BY id DESC LIMIT ${most})
     ) AS found ORDER BY id DESC LIMIT ${most} - ${skip} OFFSET ${skip}`,
    values,
  );
  return rows;
}

/** How many there are, counted up to `most`; undefined when counting took too long. */
export async function countLogs(pool: pg.Pool, filter: LogFilter, most: number): Promise<number | undefined> {
  const { deliveries, outcomes, values } = conditions(filter);
  const bound = `$${values.push(most)}::bigint`;
  const client = await pool.connect();
  try {
    await client.query("BEGIN READ ONLY");
    await client.query(`SET LOCAL statement_timeout = ${COUNT_TIMEOUT_MS}`);
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (
         SELECT 1 FROM (SELECT 1 FROM deliveries WHERE ${deliveries} LIMIT ${bound}) AS d
         UNION ALL
         SELECT 1 FROM (SELECT 1 FROM outcomes WHERE ${outcomes} LIMIT ${bound}) AS o
         LIMIT ${bound}
       ) AS counted`,
      values,
    );
    await client.query("COMMIT");
    client.release();
    return rows[0]?.count ?? 0;
  } catch (error) {
    client.release(true);
    // 57014: cancelled by the timeout above.
    if ((error as { code?: unknown }).code === "57014") return undefined;
    throw error;
  }
}

/** One delivery, or undefined. */
export async function selectLog(db: Queryable, id: string): Promise<LogRow | undefined> {
  const { rows } = await db.query<LogRow>(
    `SELECT ${UNFINISHED} FROM deliveries WHERE id = $1 UNION ALL SELECT ${FINISHED} FROM outcomes WHERE id = $1`,
    [id],
  );
  return rows[0];
}

export interface StoredWebhook {
  readonly id: string;
  readonly bucketId: string;
  readonly inputId: string;
  /** 0: never stored, its bucket was ephemeral. */
  readonly keyVersion: number;
  /** Null when there is nothing, or when it was left out because the others had filled `maxBytes`. */
  readonly sealed: Buffer | null;
  readonly size: number;
}

/**
 * The webhooks of these ids that retention has left, newest first. Their data up to `maxBytes` in sum, so that a page of
 * the largest webhooks does not fill the memory; 0 reads none.
 */
export async function selectWebhooks(
  db: Queryable,
  ids: readonly string[],
  maxBytes: number,
): Promise<Map<string, StoredWebhook>> {
  const { rows } = await db.query<StoredWebhook>(
    `SELECT id, bucket_id AS "bucketId", input_id AS "inputId", key_version AS "keyVersion",
       coalesce(octet_length(sealed), 0) AS size,
       CASE WHEN sum(octet_length(sealed)) OVER (ORDER BY id DESC) <= $2::bigint THEN sealed END AS sealed
     FROM webhooks WHERE id = ANY($1::uuid[])`,
    [[...ids], maxBytes],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export interface LogReport {
  readonly id: string;
  readonly status: number;
  readonly statusCode: number;
  readonly attempt: number;
  readonly keyVersion: number;
  readonly response: Buffer | null;
}

/**
 * Records what became of a delivery, reported by the API instead of the agent link. An unfinished one is finished by it,
 * whoever holds it; a finished one is overwritten. False: there is none.
 */
export async function reportLog(db: Queryable, report: LogReport): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(
    `WITH gone AS (
       DELETE FROM deliveries WHERE id = $1 RETURNING id, webhook_id, bucket_id, output_id, agent_id
     ), finished AS (
       INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, status_code, attempt, key_version, response)
       SELECT id, webhook_id, bucket_id, output_id, agent_id, $2, $3, $4, $5, $6 FROM gone RETURNING id
     ), corrected AS (
       UPDATE outcomes SET status = $2, status_code = $3, attempt = $4, key_version = $5, response = $6, finished_at = now()
       WHERE id = $1 RETURNING id
     )
     SELECT EXISTS (SELECT FROM finished UNION ALL SELECT FROM corrected) AS found`,
    [report.id, report.status, report.statusCode, report.attempt, report.keyVersion, report.response],
  );
  return rows[0]?.found === true;
}
