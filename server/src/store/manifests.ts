import type { Queryable } from "./queryable.js";

export interface ManifestRow {
  readonly name: string;
  /** Grows with every application. */
  readonly version: number;
  /** Unix seconds. */
  readonly appliedAt: number;
  /** Key of the token. */
  readonly appliedBy: string;
}

const COLUMNS = `name, version::float8 AS version, floor(extract(epoch FROM applied_at))::float8 AS "appliedAt",
  applied_by AS "appliedBy"`;

/** All manifests that were applied, by name. */
export async function selectManifests(db: Queryable): Promise<ManifestRow[]> {
  const { rows } = await db.query<ManifestRow>(`SELECT ${COLUMNS} FROM manifests ORDER BY name`);
  return rows;
}

/** The content that was applied last, without its secrets; undefined when the manifest was never applied. */
export async function selectManifestContent(db: Queryable, name: string): Promise<object | undefined> {
  const { rows } = await db.query<{ content: object }>("SELECT content FROM manifests WHERE name = $1", [name]);
  return rows[0]?.content;
}

/** `content` must hold no secret. */
export async function upsertManifest(
  db: Queryable,
  { name, content, appliedBy }: { name: string; content: object; appliedBy: string },
): Promise<void> {
  await db.query(
    `INSERT INTO manifests AS m (name, content, applied_by) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET content = $2, applied_by = $3, applied_at = now(), version = m.version + 1`,
    [name, JSON.stringify(content), appliedBy],
  );
}

/** False: there is none. */
export async function deleteManifest(db: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM manifests WHERE name = $1", [name]);
  return rowCount === 1;
}

/** Gives everything that `managedBy` manages back to people. */
export async function releaseObjects(db: Queryable, managedBy: string): Promise<void> {
  for (const table of ["buckets", "inputs", "outputs", "crons", "tokens"]) {
    await db.query(`UPDATE ${table} SET managed_by = '' WHERE managed_by = $1`, [managedBy]);
  }
}
