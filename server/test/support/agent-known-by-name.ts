import type { AdminApi, Credentials } from "../admin-api.js";

/** Makes an agent known by name that serves the output, without a session of it. */
export async function agentKnownByName(
  { pool }: Pick<AdminApi, "pool">,
  token: Credentials,
  { name, outputId }: { name: string; outputId: string },
): Promise<number> {
  const { rows } = await pool.query(
    "INSERT INTO agents (token_id, name, output_ids) VALUES ($1, $2, $3::uuid[]) RETURNING id",
    [token.key, name, [outputId]],
  );
  return rows[0].id;
}
