import type pg from "pg";
import { inTransaction } from "./in-transaction.js";
import type { Queryable } from "./queryable.js";

/** The version of the catalog: one number that grows with every change, see `changeCatalog`. */
export async function readCatalogVersion(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ version: string }>({
    name: "read-catalog-version",
    text: "SELECT version FROM catalog_version",
  });
  const row = rows[0];
  if (row === undefined)
    throw new Error("catalog_version has no row: the database was not migrated, or was edited by hand");
  return Number(row.version);
}

/**
 * Runs a change of the catalog in one transaction that also grows the version: all of it is written or nothing. The
 * version's row lock is taken first, so changes happen one after the other and what `change` reads stays true until it
 * commits.
 */
export function changeCatalog<T>(pool: pg.Pool, change: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query("UPDATE catalog_version SET version = version + 1");
    return change(client);
  });
}
