import type pg from "pg";

/**
 * Enters this server under a new id. Servers of the same name are gone for certain (the caller holds the lock of the
 * data directory, or made the name unique), so what they held is free at once.
 */
export async function registerServer(pool: pg.Pool, name: string, leaseMs: number): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `WITH gone AS (UPDATE servers SET lease_until = '-infinity' WHERE name = $1)
     INSERT INTO servers (id, name, lease_until)
     VALUES (nextval('server_ids'), $1, now() + $2 * interval '1 millisecond') RETURNING id`,
    [name, leaseMs],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("servers: the database returned no id");
  return id;
}

/** Extends the lease. False: another server has taken this one for dead and its deliveries back. */
export async function renewServer(pool: pg.Pool, serverId: number, leaseMs: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    "UPDATE servers SET lease_until = now() + $2 * interval '1 millisecond' WHERE id = $1",
    [serverId, leaseMs],
  );
  return rowCount === 1;
}

/**
 * Takes back what servers with an ended lease held; returns their ids. One statement: never half a server. Looks first,
 * because the search for what a server held reads the whole table.
 */
export async function reapServers(pool: pg.Pool): Promise<number[]> {
  const ended = await pool.query("SELECT FROM servers WHERE lease_until < now()");
  if (ended.rowCount === 0) return [];
  const { rows } = await pool.query<{ id: number }>(
    `WITH dead AS (DELETE FROM servers WHERE lease_until < now() RETURNING id),
          freed AS (UPDATE deliveries SET holder = NULL WHERE holder IN (SELECT id FROM dead)),
          away AS (UPDATE agents SET server_id = NULL, last_seen_at = now() WHERE server_id IN (SELECT id FROM dead))
     SELECT id FROM dead`,
  );
  return rows.map((row) => row.id);
}

/** Leaves in order: gives back everything this server holds. */
export async function unregisterServer(pool: pg.Pool, serverId: number): Promise<void> {
  await pool.query(
    `WITH gone AS (DELETE FROM servers WHERE id = $1),
          away AS (UPDATE agents SET server_id = NULL, last_seen_at = now() WHERE server_id = $1)
     UPDATE deliveries SET holder = NULL WHERE holder = $1`,
    [serverId],
  );
}
