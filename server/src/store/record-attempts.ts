import type pg from "pg";

export interface AnnouncedAttempt {
  /** Id of the delivery. */
  readonly id: string;
  /** From 1 to 32,767, the most the column holds. */
  readonly attempt: number;
}

/**
 * Settings of the connection that records attempts: each row is looked up by its id, in the order of the ids, for the
 * reason that `COMPLETION_SETTINGS` tells. It does wait for the disk: what it says is recorded must survive a crash.
 */
export const ATTEMPT_SETTINGS = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
} as const;

const RECORD = `
UPDATE deliveries d SET attempt = greatest(d.attempt, a.attempt)
FROM (SELECT id, max(attempt) AS attempt FROM unnest($1::uuid[], $2::int[]) AS n(id, attempt) GROUP BY id ORDER BY id) AS a
WHERE d.id = a.id AND d.holder = $3
RETURNING d.id`;

/**
 * Raises the attempt number of deliveries that this server holds, so that whoever hands them out next goes on behind it.
 * Returns the ids of those that are recorded; the others are finished, deleted or someone else's.
 */
export async function recordAttempts(
  pool: pg.Pool,
  holder: number,
  attempts: readonly AnnouncedAttempt[],
): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>({
    name: "record-attempts",
    text: RECORD,
    values: [
      `{${attempts.map(({ id }) => id).join(",")}}`,
      `{${attempts.map(({ attempt }) => attempt).join(",")}}`,
      holder,
    ],
  });
  return new Set(rows.map(({ id }) => id));
}
