import type { Token } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";

/** What of a token people choose. */
export type TokenFields = Pick<
  Token,
  "name" | "description" | "active" | "apiAccess" | "scopeBuckets" | "scopeTunnels" | "expiresAt"
>;

const WITHOUT_OLD_SECRET =
  "old_secret_hash = NULL, old_secret_created_at = NULL, old_secret_used_at = NULL, old_secret_valid_until = NULL";

const SELECT = `SELECT id, name, description, secret_hash AS "secretHash", active, api_access AS "apiAccess",
  account_key AS "accountKey", scope_buckets AS "scopeBuckets", scope_tunnels AS "scopeTunnels",
  expires_at::float8 AS "expiresAt",
  floor(extract(epoch FROM last_login_at))::float8 AS "lastLoginAt",
  floor(extract(epoch FROM created_at))::float8 AS "createdAt",
  floor(extract(epoch FROM updated_at))::float8 AS "updatedAt"
FROM tokens`;

/** All tokens and the account's API key, in the order they were made. */
export async function selectTokens(db: Queryable): Promise<Token[]> {
  const { rows } = await db.query<Token>(`${SELECT} ORDER BY tokens.created_at, id`);
  return rows;
}

/** Undefined: no such token. `id` must be a UUID. */
export async function selectToken(db: Queryable, id: string): Promise<Token | undefined> {
  const { rows } = await db.query<Token>(`${SELECT} WHERE id = $1`, [id]);
  return rows[0];
}

/** `secretHash` is the bcrypt hash of the secret. Rejects with SQLSTATE 23505 when the key or the name exists. */
export async function insertToken(db: Queryable, id: string, secretHash: string, fields: TokenFields): Promise<void> {
  await db.query(
    `INSERT INTO tokens (id, secret_hash, name, description, active, api_access, scope_buckets, scope_tunnels, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, secretHash, ...columns(fields)],
  );
}

/** Leaves its secrets as they are. False: no such token. Rejects with SQLSTATE 23505 when another token has the name. */
export async function updateToken(db: Queryable, id: string, fields: TokenFields): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE tokens SET name = $2, description = $3, active = $4, api_access = $5, scope_buckets = $6, scope_tunnels = $7,
       expires_at = $8, updated_at = now() WHERE id = $1`,
    [id, ...columns(fields)],
  );
  return rowCount === 1;
}

/** Replaces the secret at once: the one before, and any older one, open nothing from now on. False: no such token. */
export async function replaceSecret(db: Queryable, id: string, secretHash: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE tokens SET secret_hash = $2, secret_created_at = now(), secret_used_at = NULL, ${WITHOUT_OLD_SECRET},
       updated_at = now() WHERE id = $1`,
    [id, secretHash],
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
  return [
    fields.name,
    fields.description,
    fields.active,
    fields.apiAccess,
    [...fields.scopeBuckets],
    [...fields.scopeTunnels],
    fields.expiresAt,
  ];
}
