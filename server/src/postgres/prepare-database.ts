import type pg from "pg";

/** The role and the database the server works with. */
export const DATABASE = "relay";

/**
 * Creates the role and the database of the server where they are missing. The role is no superuser; it takes over the
 * superuser's password verifier, so that no password appears in a statement.
 */
export async function prepareDatabase(client: pg.Client): Promise<void> {
  await client.query(`DO $$
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${DATABASE}') THEN
        EXECUTE format('CREATE ROLE ${DATABASE} LOGIN PASSWORD %L IN ROLE pg_monitor, pg_checkpoint',
          (SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'));
      END IF;
    END $$`);
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`);
}
