import type { Queryable } from "./queryable.js";

export interface ConnectedAgent {
  readonly tokenId: string;
  readonly name: string;
  readonly version: string;
  readonly transport: string;
  readonly remoteAddress: string;
  readonly outputIds: readonly string[];
  /** Unix seconds. */
  readonly connectedAt: number;
}

/** Agents with a live session on any server. */
export async function selectConnectedAgents(db: Queryable): Promise<ConnectedAgent[]> {
  const { rows } = await db.query<ConnectedAgent>(
    `SELECT token_id AS "tokenId", name, version, transport, remote_address AS "remoteAddress",
       output_ids::text[] AS "outputIds", coalesce(floor(extract(epoch FROM connected_at)), 0)::float8 AS "connectedAt"
     FROM agents WHERE server_id IS NOT NULL ORDER BY connected_at, id`,
  );
  return rows;
}

/** Agents known by name that serve any of these outputs, connected or away. */
export async function selectAgentsOfOutputs(
  db: Queryable,
  outputIds: readonly string[],
): Promise<{ agentId: number; outputId: string }[]> {
  const { rows } = await db.query<{ agentId: number; outputId: string }>(
    `SELECT a.id AS "agentId", o AS "outputId" FROM unnest($1::uuid[]) AS o JOIN agents a ON o = ANY(a.output_ids)
     ORDER BY a.id`,
    [[...outputIds]],
  );
  return rows;
}
