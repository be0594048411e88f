import type pg from "pg";

/** Any constant: the key of the advisory lock under which the owner is prepared. */
const LOCK_KEY = 7_264_173_510;

export interface Owner {
  /** The role that is to own the tables. */
  readonly role: string;
  /** Logins that may act as it, beside the one that is connected. */
  readonly members: readonly string[];
}

/**
 * Makes the role that owns the server's tables where it is missing, gives it this database, and makes logins its members.
 * Whoever is connected needs the right to make roles, or membership in a role that has it, as cloud databases give it: such
 * rights are not inherited, one has to become that role. Several at once wait for each other. Rejects with the database's
 * error when the rights do not suffice.
 */
export async function prepareOwner(client: pg.ClientBase, { role, members }: Owner): Promise<void> {
  const owner = client.escapeIdentifier(role);
  await client.query("BEGIN");
  try {
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
    const { rows } = await client.query<{ database: string; exists: boolean; missing: string[] }>(
      `SELECT current_database() AS database, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists,
         ARRAY(SELECT DISTINCT name FROM unnest($2::text[] || current_user::text) AS name WHERE NOT EXISTS (
           SELECT FROM pg_auth_members JOIN pg_roles r ON r.oid = roleid JOIN pg_roles m ON m.oid = member
           WHERE r.rolname = $1 AND m.rolname = name)) AS missing`,
      [role, members],
    );
    const [state] = rows;
    if (state === undefined) throw new Error("the database does not say which one it is");
    await becomeRoleMaker(client);
    if (!state.exists) await client.query(`CREATE ROLE ${owner} NOLOGIN`);
    for (const login of state.missing) await client.query(`GRANT ${owner} TO ${client.escapeIdentifier(login)}`);
    await client.query("RESET ROLE");
    await client.query(`GRANT CREATE, TEMPORARY ON DATABASE ${client.escapeIdentifier(state.database)} TO ${owner}`);
    await client.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${owner}`);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

/** Takes on a role that may make roles, unless the login may itself. */
async function becomeRoleMaker(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles
     WHERE (rolcreaterole OR rolsuper) AND pg_has_role(current_user, oid, 'MEMBER')
     ORDER BY rolname <> current_user LIMIT 1`,
  );
  const [maker] = rows;
  if (maker !== undefined) await client.query(`SET LOCAL ROLE ${client.escapeIdentifier(maker.name)}`);
}
