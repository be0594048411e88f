import type { Queryable } from "./queryable.js";

/** A destination that a server does not call at the moment. */
export interface OpenCircuit {
  readonly outputId: string;
  /** Unix milliseconds. */
  readonly openedAtMs: number;
  readonly probeAtMs: number;
  readonly reason: string;
}

export async function saveCircuit(db: Queryable, serverId: number, circuit: OpenCircuit): Promise<void> {
  await db.query(
    `INSERT INTO circuits (output_id, server_id, opened_at, probe_at, reason)
     SELECT id, $2, to_timestamp($3 / 1000.0), to_timestamp($4 / 1000.0), $5 FROM outputs WHERE id = $1
     ON CONFLICT (output_id, server_id) DO UPDATE SET opened_at = excluded.opened_at, probe_at = excluded.probe_at,
       reason = excluded.reason`,
    [circuit.outputId, serverId, circuit.openedAtMs, circuit.probeAtMs, circuit.reason],
  );
}

export async function deleteCircuit(db: Queryable, serverId: number, outputId: string): Promise<void> {
  await db.query("DELETE FROM circuits WHERE output_id = $1 AND server_id = $2", [outputId, serverId]);
}

/** Of these outputs, as the servers that are alive see them; one for each output, the longest open. */
export async function selectCircuits(db: Queryable, outputIds: readonly string[]): Promise<OpenCircuit[]> {
  const { rows } = await db.query<OpenCircuit>(
    `SELECT DISTINCT ON (c.output_id) c.output_id AS "outputId", c.reason,
       (extract(epoch FROM c.opened_at) * 1000)::float8 AS "openedAtMs",
       (extract(epoch FROM c.probe_at) * 1000)::float8 AS "probeAtMs"
     FROM circuits c JOIN servers s ON s.id = c.server_id
     WHERE c.output_id = ANY($1::uuid[]) ORDER BY c.output_id, c.opened_at`,
    [[...outputIds]],
  );
  return rows;
}
