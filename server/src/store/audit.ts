import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** One change of one object. */
export interface AuditEntry {
  /** Key of the token that made it, and what the token was called then. */
  readonly actorId: string;
  readonly actor: string;
  readonly source: string;
  readonly action: string;
  readonly resource: string;
  readonly objectId: string;
  readonly path: readonly string[];
  /** Without secrets. */
  readonly diff: readonly object[];
}

export interface RecordedEntry extends AuditEntry {
  /** Grows with time. */
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
}

export interface AuditFilter {
  readonly limit: number;
  /** Only entries before this id. */
  readonly before?: string | undefined;
  readonly resource?: string | undefined;
  /** Only what this name is part of the path of. */
  readonly name?: string | undefined;
}

/** Adds entries, in the transaction of the changes they tell of. There is no way to change or remove one. */
export async function insertAudit(db: Queryable, entries: readonly AuditEntry[]): Promise<void> {
  await writeRows(
    db,
    `INSERT INTO audit (actor_id, actor, source, action, resource, object_id, path, diff)
     SELECT "actorId", actor, source, action, resource, "objectId", path, diff FROM json_to_recordset($1) AS r
       ("actorId" uuid, actor text, source text, action text, resource text, "objectId" uuid, path text[], diff jsonb)`,
    entries,
  );
}

/** Newest first. */
export async function selectAudit(
  db: Queryable,
  { limit, before, resource, name }: AuditFilter,
): Promise<RecordedEntry[]> {
  const { rows } = await db.query<RecordedEntry>(
    `SELECT id::text, floor(extract(epoch FROM at))::float8 AS at, actor_id AS "actorId", actor, source, action, resource,
       object_id AS "objectId", path, diff
     FROM audit
     WHERE ($2::bigint IS NULL OR id < $2) AND ($3::text IS NULL OR resource = $3) AND ($4::text[] IS NULL OR path @> $4)
     ORDER BY audit.id DESC LIMIT $1`,
    [limit, before ?? null, resource ?? null, name === undefined ? null : [name]],
  );
  return rows;
}
