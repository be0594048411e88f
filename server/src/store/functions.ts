import type { SealedSecrets } from "../attributes/seal-secrets.js";
import type { RelayFunction } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of a function people choose. */
export type FunctionFields = Omit<RelayFunction, "id" | "createdAt" | "updatedAt">;

/** What is written of a function: its variables sealed. */
export type WrittenFunction = Omit<FunctionFields, "secrets"> &
  Pick<RelayFunction, "id"> & { readonly sealed: SealedSecrets };

/** A row of the table. */
export type FunctionRow = Omit<RelayFunction, "secrets"> & { readonly sealed: SealedSecrets };

/** All functions, by name. */
export async function selectFunctions(db: Queryable): Promise<FunctionRow[]> {
  const { rows } = await db.query<FunctionRow>(
    `SELECT id, name, description, driver, source, sealed, managed_by AS "managedBy",
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM functions ORDER BY name`,
  );
  return rows;
}

const COLUMNS = "name, description, driver, source, sealed, managed_by";
const RECORD = "id uuid, name text, description text, driver text, source text, sealed jsonb, managed_by text";

/** All of them or, inside a transaction, none. Rejects with SQLSTATE 23505 when a name is taken. */
export async function insertFunctions(db: Queryable, rows: readonly WrittenFunction[]): Promise<void> {
  const text = `INSERT INTO functions (id, ${COLUMNS}) SELECT id, ${COLUMNS} FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(db, text, rows.map(record));
}

/** Returns how many there were. Rejects with SQLSTATE 23505 when a name is taken. */
export function updateFunctions(db: Queryable, rows: readonly WrittenFunction[]): Promise<number> {
  const text = `UPDATE functions f SET (${COLUMNS}, updated_at) = (r.name, r.description, r.driver, r.source, r.sealed,
      r.managed_by, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE f.id = r.id`;
  return writeRows(db, text, rows.map(record));
}

/** Returns how many there were. */
export async function deleteFunctions(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM functions WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/** Names are those of the columns. */
function record({ managedBy, ...same }: WrittenFunction): object {
  const { id, name, description, driver, source, sealed } = same;
  return { id, name, description, driver, source, sealed, managed_by: managedBy };
}
