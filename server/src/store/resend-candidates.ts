import type { Queryable } from "./queryable.js";

/** Which finished deliveries of a bucket are to be sent again. */
export interface ResendFilter {
  readonly bucketId: string;
  /** Numbers of statuses. */
  readonly statuses: readonly number[];
  /** Behind `afterId`, before `toId`. */
  readonly afterId: string;
  readonly toId: string;
  readonly outputId: string | null;
  readonly inputId: string | null;
}

export interface ResendCandidate {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string | null;
  readonly agentId: number;
  /** Null when retention has dropped the webhook; 0 when it was never stored (ephemeral). */
  readonly keyVersion: number | null;
}

export interface ResendPage {
  readonly candidates: readonly ResendCandidate[];
  /** The last delivery that was looked at: the next page begins behind it. */
  readonly lastId: string;
  /** Nothing is left behind it. */
  readonly ended: boolean;
}

/** Finished deliveries that one statement looks at, so that a rare status in a long history never makes a long statement. */
const LOOKED_AT = 5_000;

/** `$1` bucket, `$2` after, `$3` to, `$4` statuses, `$5` output, `$6` input, `$7` how many to look at. */
const RAW = `raw AS MATERIALIZED (
  SELECT id, webhook_id, output_id, agent_id, status FROM outcomes
  WHERE bucket_id = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $7
), matching AS (
  SELECT r.id, r.webhook_id, r.output_id, r.agent_id, w.key_version FROM raw r
  LEFT JOIN webhooks w ON w.id = r.webhook_id
  WHERE r.status = ANY($4::smallint[]) AND ($5::uuid IS NULL OR r.output_id = $5) AND ($6::uuid IS NULL OR w.input_id = $6)
), edge AS (
  SELECT count(*)::int AS seen, (SELECT id FROM raw ORDER BY id DESC LIMIT 1) AS last_id FROM raw
)`;

function parameters(filter: ResendFilter, lookedAt: number): unknown[] {
  const { bucketId, afterId, toId, statuses, outputId, inputId } = filter;
  return [bucketId, afterId, toId, [...statuses], outputId, inputId, lookedAt];
}

/** The oldest that match, at most `limit` of them. */
export async function selectResendPage(db: Queryable, filter: ResendFilter, limit: number): Promise<ResendPage> {
  const { rows } = await db.query<{ seen: number; lastId: string | null } & { [K in keyof ResendCandidate]: never }>(
    `WITH ${RAW}
     SELECT e.seen, e.last_id AS "lastId", m.id, m.webhook_id AS "webhookId", m.output_id AS "outputId",
       m.agent_id AS "agentId", m.key_version AS "keyVersion"
     FROM edge e LEFT JOIN (SELECT * FROM matching ORDER BY id LIMIT $8) AS m ON true ORDER BY m.id`,
    [...parameters(filter, LOOKED_AT), limit],
  );
  const candidates: ResendCandidate[] = rows.filter(({ id }) => id !== null);
  const cut = candidates.length === limit;
  const seen = rows[0]?.seen ?? 0;
  return {
    candidates,
    lastId: (cut ? candidates.at(-1)?.id : rows[0]?.lastId) ?? filter.afterId,
    ended: !cut && seen < LOOKED_AT,
  };
}

export interface ResendCount {
  readonly count: number;
  /** True: there are at least so many; counting stopped. */
  readonly bounded: boolean;
}

/** How many match: exact up to `most`, and as far as counting gets within `withinMs`. */
export async function countResends(
  db: Queryable,
  filter: ResendFilter,
  { most, withinMs }: { most: number; withinMs: number },
): Promise<ResendCount> {
  const deadline = performance.now() + withinMs;
  const lookedAt = 4 * LOOKED_AT;
  let count = 0;
  let { afterId } = filter;
  while (performance.now() < deadline) {
    const { rows } = await db.query<{ seen: number; lastId: string | null; count: number }>(
      `WITH ${RAW} SELECT seen, last_id AS "lastId", (SELECT count(*)::int FROM matching) AS count FROM edge`,
      parameters({ ...filter, afterId }, lookedAt),
    );
    const row = rows[0];
    count += row?.count ?? 0;
    if (count > most) return { count: most, bounded: true };
    if (row === undefined || row.lastId === null || row.seen < lookedAt) return { count, bounded: false };
    afterId = row.lastId;
  }
  return { count, bounded: true };
}
