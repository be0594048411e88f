import type pg from "pg";

/** The oldest one that works, and its name for people. */
const OLDEST = { number: 150_000, name: "15" };

/** Rejects when this PostgreSQL is too old for the server's statements. */
export async function requirePostgresVersion(db: Pick<pg.Pool, "query">): Promise<void> {
  const { rows } = await db.query<{ number: number; name: string }>(
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name",
  );
  const { number = 0, name = "unknown" } = rows[0] ?? {};
  if (number < OLDEST.number) {
    throw new Error(`PostgreSQL ${name} is too old: this server needs ${OLDEST.name} or newer. Upgrade the database.`);
  }
}
