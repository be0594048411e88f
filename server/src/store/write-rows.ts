import type { Queryable } from "./queryable.js";

/** Rows one statement writes: far below its time limit, far above what makes the number of statements matter. */
const BATCH = 2_000;

/**
 * Runs a statement whose `$1` is a JSON array of rows (see `json_to_recordset`), in as many parts as it takes. Returns how
 * many rows it wrote in all.
 */
export async function writeRows(db: Queryable, text: string, rows: readonly object[]): Promise<number> {
  let written = 0;
  for (let from = 0; from < rows.length; from += BATCH) {
    const { rowCount } = await db.query(text, [JSON.stringify(rows.slice(from, from + BATCH))]);
    written += rowCount ?? 0;
  }
  return written;
}
