import type { Migration } from "./migration-files.js";
import type { Queryable } from "./queryable.js";

/** How a database's schema stands to the one that a program knows. Schemas are numbered by their newest step; 0 is none. */
export type SchemaState =
  /** The program works on it; a newer one has said so when `schema` is above `known`. */
  | { readonly kind: "current"; readonly schema: number; readonly known: number }
  | { readonly kind: "behind"; readonly schema: number; readonly known: number; readonly missing: readonly Migration[] }
  /** A newer program has changed what this one relies on. */
  | { readonly kind: "too-new"; readonly schema: number; readonly known: number };

/** Compares the steps that ran on a database with those that this program knows. Changes nothing. */
export async function schemaState(db: Queryable, migrations: readonly Migration[]): Promise<SchemaState> {
  const applied = await appliedSteps(db);
  const known = Math.max(0, ...migrations.map(({ id }) => id));
  const schema = Math.max(0, ...applied.keys());
  for (const [id, oldestProgram] of applied) {
    if (id > known && (oldestProgram === null || oldestProgram > known)) return { kind: "too-new", schema, known };
  }
  // One with a lower number may be missing too, as from a branch that was merged later.
  const missing = migrations.filter(({ id }) => !applied.has(id));
  return missing.length === 0 ? { kind: "current", schema, known } : { kind: "behind", schema, known, missing };
}

/** What to tell people about a database that is too new. */
export function tooNewMessage({ schema, known }: SchemaState): string {
  return (
    `The database has schema ${schema}, this server knows ${known} and would not understand it: start the newer server version, ` +
    "or restore a backup from before the migration."
  );
}

/** Number of each step that ran, with the oldest program that works with it. */
async function appliedSteps(db: Queryable): Promise<ReadonlyMap<number, number | null>> {
  const { rows: tables } = await db.query("SELECT to_regclass('migrations') IS NOT NULL AS exists");
  if (tables[0]?.exists !== true) return new Map();
  // By way of JSON: a database that an older program made has no such column.
  const { rows } = await db.query<{ id: number; oldest: number | null }>(
    "SELECT id, (to_jsonb(migrations) ->> 'oldest_program')::int AS oldest FROM migrations",
  );
  return new Map(rows.map(({ id, oldest }) => [id, oldest]));
}
