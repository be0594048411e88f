import type { Token } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";

/** What of a token people choose. */
export type TokenFields = Pick<Token, "description" | "active" | "apiAccess" | "scopeBuckets" | "scopeTunnels">;

/** All tokens and the account's API key, in the order they were made. */
export async function selectTokens(db: Queryable): Promise<Token[]> {
  const { rows } = await db.query<Token>(
    `SELECT id, description, secret_hash AS "secretHash", active, api_access AS "apiAccess", account_key AS "accountKey",
       scope_buckets AS "scopeBuckets", scope_tunnels AS "scopeTunnels", managed_by AS "managedBy",
       floor(extract(epoch FROM last_login_at))::float8 AS "lastLoginAt",
       floor(extract(epoch FROM created_at))::float8 AS "createdAt",
       floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
     FROM tokens ORDER BY tokens.created_at, id`,
  );
  return rows;
}

/** `secretHash` is the bcrypt hash of the secret. Rejects with SQLSTATE 23505 when the key exists. */
export async function insertToken(db: Queryable, id: string, secretHash: string, fields: TokenFields): Promise<void> {
  await db.query(
    `INSERT INTO tokens (id, secret_hash, description, active, api_access, scope_buckets, scope_tunnels)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, secretHash, ...columns(fields)],
  );
}

/** False: no such token. */
export async function updateToken(db: Queryable, id: string, fields: TokenFields): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE tokens SET description = $2, active = $3, api_access = $4, scope_buckets = $5, scope_tunnels = $6,
       updated_at = now() WHERE id = $1`,
    [id, ...columns(fields)],
  );
  return rowCount === 1;
}

/** Its agents go with it. False: no such token. */
export async function deleteToken(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query("DELETE FROM tokens WHERE id = $1", [id]);
  return rowCount === 1;
}

/** Notes that the token was used; not a change of the catalog. Writes at most once a minute per token, over all servers. */
export async function touchToken(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE tokens SET last_login_at = now()
     WHERE id = $1 AND (last_login_at IS NULL OR last_login_at < now() - interval '1 minute')`,
    [id],
  );
}

function columns(fields: TokenFields): unknown[] {
  return [fields.description, fields.active, fields.apiAccess, [...fields.scopeBuckets], [...fields.scopeTunnels]];
}
