import { cronSettings } from "../attributes/cron-settings.js";
import type { Cron } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of a cron people choose. */
export type CronFields = Pick<Cron, "name" | "description" | "settings" | "managedBy">;

/** What is written of a cron. */
export type WrittenCron = CronFields &
  Pick<Cron, "id" | "bucketId" | "ownsBucket"> & {
    /** `keep`: the change does not touch when it runs. Else Unix milliseconds; null when no run is to come. */
    readonly nextRun: "keep" | { readonly ms: number | null };
  };

/** All crons, in the order they were made. The state of their runs is not among it: it is no change of the catalog. */
export async function selectCrons(db: Queryable): Promise<Cron[]> {
  const { rows } = await db.query<Cron>(
    `SELECT id, bucket_id AS "bucketId", name, description, settings, managed_by AS "managedBy",
       owns_bucket AS "ownsBucket",
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM crons ORDER BY crons.created_at, id`,
  );
  return rows.map((row) => ({ ...row, settings: cronSettings(row.settings) }));
}

const COLUMNS = "name, description, settings, managed_by, owns_bucket";
const RECORD = `id uuid, bucket_id uuid, name text, description text, settings jsonb, managed_by text, owns_bucket boolean,
  keep boolean, next_run_ms bigint`;

/** All of them or, inside a transaction, none. Rejects with SQLSTATE 23505 when the bucket has a cron of this name. */
export async function insertCrons(db: Queryable, rows: readonly WrittenCron[]): Promise<void> {
  const text = `INSERT INTO crons (id, bucket_id, ${COLUMNS}, next_run_ms)
    SELECT id, bucket_id, ${COLUMNS}, next_run_ms FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(db, text, rows.map(record));
}

/** Returns how many there were. */
export function updateCrons(db: Queryable, rows: readonly WrittenCron[]): Promise<number> {
  const text = `UPDATE crons c SET (${COLUMNS}, next_run_ms, updated_at) = (r.name, r.description, r.settings, r.managed_by,
      r.owns_bucket, CASE WHEN r.keep THEN c.next_run_ms ELSE r.next_run_ms END, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE c.id = r.id AND c.bucket_id = r.bucket_id`;
  return writeRows(db, text, rows.map(record));
}

/** Crons of any bucket. Returns how many there were. */
export async function deleteCrons(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM crons WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/** Names are those of the columns. */
function record({ id, bucketId, managedBy, ownsBucket, nextRun, ...same }: WrittenCron): object {
  const { name, description, settings } = same;
  return {
    id,
    bucket_id: bucketId,
    name,
    description,
    settings,
    managed_by: managedBy,
    owns_bucket: ownsBucket,
    keep: nextRun === "keep",
    next_run_ms: nextRun === "keep" ? null : nextRun.ms,
  };
}
