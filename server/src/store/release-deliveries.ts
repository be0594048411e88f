import type pg from "pg";

/**
 * Gives deliveries back: they wait again, for any server. Rows that someone else holds by now are left alone. `tried`
 * false: no agent saw them, so the attempt does not count.
 */
export async function releaseDeliveries(
  pool: pg.Pool,
  { holder, ids, tried }: { holder: number; ids: readonly string[]; tried: boolean },
): Promise<void> {
  await pool.query({
    name: "release-deliveries",
    text: "UPDATE deliveries SET holder = NULL, attempt = attempt - $3 WHERE id = ANY($1::uuid[]) AND holder = $2",
    values: [`{${ids.join(",")}}`, holder, tried ? 0 : 1],
  });
}

/**
 * Gives back everything this server holds but `known`: after a statement whose end was not seen (the connection broke),
 * rows may carry our name that we never heard of. `before`: an id made after `known` was gathered; later rows are ours.
 */
export async function releaseUnknown(
  pool: pg.Pool,
  { holder, known, before }: { holder: number; known: readonly string[]; before: string },
): Promise<number> {
  const { rowCount } = await pool.query(
    "UPDATE deliveries SET holder = NULL WHERE holder = $1 AND id < $3 AND id <> ALL($2::uuid[])",
    [holder, `{${known.join(",")}}`, before],
  );
  return rowCount ?? 0;
}
