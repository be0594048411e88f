import type { Queryable } from "./queryable.js";

/**
 * Gives back deliveries that carry the name of a server that is gone. Reaping a server takes back what it holds at that
 * moment; one that was frozen for longer than its lease may write once more under the old name, and be killed before it learns
 * that it was taken for dead. Reads the whole table. Returns how many there were.
 */
export async function freeAbandoned(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE deliveries d SET holder = NULL
     WHERE holder IS NOT NULL AND NOT EXISTS (SELECT FROM servers WHERE id = d.holder)`,
  );
  return rowCount ?? 0;
}
