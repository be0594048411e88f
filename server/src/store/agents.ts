import type pg from "pg";

export interface OpenSession {
  readonly tokenId: string;
  readonly name: string;
  readonly instance: string;
  readonly version: string;
  readonly transport: string;
  readonly remoteAddress: string;
  readonly outputIds: readonly string[];
  readonly serverId: number;
}

export interface OpenedSession {
  readonly agentId: number;
  /** Higher than that of every earlier session of this agent. */
  readonly epoch: number;
  /** Unix milliseconds when its last session ended; null at its first. */
  readonly lastSeenMs: number | null;
}

/** Makes this session the live one of its agent: the epoch grows, and whoever holds an older one is fenced. */
export async function openAgentSession(pool: pg.Pool, session: OpenSession): Promise<OpenedSession> {
  const { rows } = await pool.query<{ agentId: number; epoch: string; lastSeenMs: string | null }>({
    name: "open-agent-session",
    text: `WITH before AS (SELECT last_seen_at FROM agents WHERE token_id = $1 AND name = $2)
      INSERT INTO agents AS a
        (token_id, name, instance, version, transport, remote_address, output_ids, epoch, server_id, connected_at, last_seen_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7::uuid[], 1, $8, now(), now())
      ON CONFLICT (token_id, name) DO UPDATE SET
        instance = $3, version = $4, transport = $5, remote_address = $6, output_ids = $7::uuid[],
        epoch = a.epoch + 1, server_id = $8, connected_at = now(), last_seen_at = now()
      RETURNING a.id AS "agentId", a.epoch,
        (SELECT (extract(epoch FROM last_seen_at) * 1000)::bigint FROM before) AS "lastSeenMs"`,
    values: [
      session.tokenId,
      session.name,
      session.instance,
      session.version,
      session.transport,
      session.remoteAddress,
      `{${session.outputIds.join(",")}}`,
      session.serverId,
    ],
  });
  const row = rows[0];
  if (row === undefined) throw new Error("agents: the database returned no row");
  return {
    agentId: row.agentId,
    epoch: Number(row.epoch),
    lastSeenMs: row.lastSeenMs === null ? null : Number(row.lastSeenMs),
  };
}

/** The session ended. Does nothing when a newer one is live. */
export async function closeAgentSession(pool: pg.Pool, agentId: number, epoch: number): Promise<void> {
  await pool.query({
    name: "close-agent-session",
    text: "UPDATE agents SET server_id = NULL, last_seen_at = now() WHERE id = $1 AND epoch = $2",
    values: [agentId, epoch],
  });
}

/** The outputs of a live session changed. */
export async function updateAgentOutputs(
  pool: pg.Pool,
  { agentId, epoch, outputIds }: { agentId: number; epoch: number; outputIds: readonly string[] },
): Promise<void> {
  await pool.query("UPDATE agents SET output_ids = $3::uuid[] WHERE id = $1 AND epoch = $2", [
    agentId,
    epoch,
    `{${outputIds.join(",")}}`,
  ]);
}

/** The live epoch of each of these agents, to find sessions that were fenced on another server. */
export async function liveEpochs(pool: pg.Pool, agentIds: readonly number[]): Promise<Map<number, number>> {
  if (agentIds.length === 0) return new Map();
  const { rows } = await pool.query<{ id: number; epoch: string }>(
    "SELECT id, epoch FROM agents WHERE id = ANY($1::int[])",
    [`{${agentIds.join(",")}}`],
  );
  return new Map(rows.map((row) => [row.id, Number(row.epoch)]));
}

/** Agents connected now or less than `awayMs` milliseconds ago, with the outputs they serve. */
export async function agentsKnown(pool: pg.Pool, awayMs: number): Promise<{ agentId: number; outputId: string }[]> {
  const { rows } = await pool.query<{ agentId: number; outputId: string }>(
    `SELECT a.id AS "agentId", o.id AS "outputId" FROM outputs o JOIN agents a ON o.id = ANY(a.output_ids)
     WHERE o.agents = 'each' AND (a.server_id IS NOT NULL OR a.last_seen_at > now() - $1 * interval '1 millisecond')`,
    [awayMs],
  );
  return rows;
}
