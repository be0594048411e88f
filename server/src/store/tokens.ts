import type { Token } from "../catalog/model.js";
import type { Queryable } from "./queryable.js";
import { writeRows } from "./write-rows.js";

/** What of a token people choose. */
export type TokenFields = Pick<
  Token,
  "name" | "description" | "active" | "apiAccess" | "scopeBuckets" | "scopeTunnels" | "expiresAt"
>;

/** What is written of a token. */
export type WrittenToken = TokenFields & Pick<Token, "id" | "managedBy">;

const SELECT = `SELECT id, name, description, secret_hash AS "secretHash", active, api_access AS "apiAccess",
  account_key AS "accountKey", scope_buckets AS "scopeBuckets", scope_tunnels AS "scopeTunnels",
  expires_at::float8 AS "expiresAt", managed_by AS "managedBy",
  floor(extract(epoch FROM last_login_at))::float8 AS "lastLoginAt",
  floor(extract(epoch FROM created_at))::float8 AS "createdAt",
  floor(extract(epoch FROM updated_at))::float8 AS "updatedAt",
  floor(extract(epoch FROM secret_created_at))::float8 AS "secretCreatedAt",
  floor(extract(epoch FROM secret_used_at))::float8 AS "secretUsedAt",
  secret_by_itself AS "secretByItself",
  CASE WHEN old_secret_hash IS NOT NULL THEN json_build_object(
    'hash', old_secret_hash,
    'createdAt', floor(extract(epoch FROM old_secret_created_at)),
    'usedAt', floor(extract(epoch FROM old_secret_used_at)),
    'validUntil', extract(epoch FROM old_secret_valid_until)) END AS "oldSecret"
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

const COLUMNS = "name, description, active, api_access, scope_buckets, scope_tunnels, expires_at, managed_by";
const RECORD = `id uuid, secret_hash text, name text, description text, active boolean, api_access boolean,
  scope_buckets text[], scope_tunnels text[], expires_at bigint, managed_by text`;

/** `secretHash` is the bcrypt hash of the secret. Rejects with SQLSTATE 23505 when the key or the name exists. */
export async function insertToken(
  db: Queryable,
  id: string,
  secretHash: string,
  fields: TokenFields & Partial<Pick<Token, "managedBy">>,
): Promise<void> {
  await insertTokens(db, [{ id, secretHash, managedBy: "", ...fields }]);
}

/** All of them or, inside a transaction, none. */
export async function insertTokens(
  db: Queryable,
  rows: readonly (WrittenToken & Pick<Token, "secretHash">)[],
): Promise<void> {
  const text = `INSERT INTO tokens (id, secret_hash, ${COLUMNS})
    SELECT id, secret_hash, ${COLUMNS} FROM json_to_recordset($1) AS r (${RECORD})`;
  await writeRows(
    db,
    text,
    rows.map((row) => ({ ...record(row), secret_hash: row.secretHash })),
  );
}

/** Leaves its secrets as they are. False: no such token. Rejects with SQLSTATE 23505 when another token has the name. */
export async function updateToken(
  db: Queryable,
  id: string,
  fields: TokenFields & Pick<Token, "managedBy">,
): Promise<boolean> {
  return (await updateTokens(db, [{ id, ...fields }])) === 1;
}

/** Returns how many there were. */
export function updateTokens(db: Queryable, rows: readonly WrittenToken[]): Promise<number> {
  const text = `UPDATE tokens t SET (${COLUMNS}, updated_at) = (r.name, r.description, r.active, r.api_access,
      r.scope_buckets, r.scope_tunnels, r.expires_at, r.managed_by, now())
    FROM json_to_recordset($1) AS r (${RECORD}) WHERE t.id = r.id`;
  return writeRows(db, text, rows.map(record));
}

export interface NewSecret {
  /** bcrypt. */
  readonly secretHash: string;
  /** How long the secret before stays good beside the new one; 0 ends it at once. */
  readonly graceSeconds: number;
  /** The token itself asked for it. */
  readonly byItself?: boolean;
  /** The present secret was lost before anybody got it: the new one takes its place, and the one before stays. */
  readonly again?: boolean;
}

/** Gives a token a new secret, valid at once. Two are good at most: the oldest is over. False: no such token. */
export async function rotateSecret(
  db: Queryable,
  id: string,
  { secretHash, graceSeconds, byItself = false, again = false }: NewSecret,
): Promise<boolean> {
  const from = again ? "old_secret" : "secret";
  const { rowCount } = await db.query(
    `UPDATE tokens SET
       old_secret_hash = CASE WHEN $3 > 0 THEN ${from}_hash END,
       old_secret_created_at = CASE WHEN $3 > 0 THEN ${from}_created_at END,
       old_secret_used_at = CASE WHEN $3 > 0 THEN ${from}_used_at END,
       old_secret_valid_until = CASE WHEN $3 > 0 THEN clock_timestamp() + make_interval(secs => $3) END,
       secret_hash = $2, secret_created_at = clock_timestamp(), secret_used_at = NULL, secret_by_itself = $4,
       updated_at = now()
     WHERE id = $1`,
    [id, secretHash, graceSeconds, byItself],
  );
  return rowCount === 1;
}

/** Its agents go with it. False: no such token. */
export async function deleteToken(db: Queryable, id: string): Promise<boolean> {
  return (await deleteTokens(db, [id])) === 1;
}

/** The same for many. Returns how many there were. */
export async function deleteTokens(db: Queryable, ids: readonly string[]): Promise<number> {
  const { rowCount } = await db.query("DELETE FROM tokens WHERE id = ANY($1::uuid[])", [[...ids]]);
  return rowCount ?? 0;
}

/**
 * Notes that the secret of this hash was used; not a change of the catalog. Writes at most once a minute per secret, over
 * all servers.
 */
export async function touchToken(db: Queryable, id: string, secretHash: string): Promise<void> {
  await db.query(
    `UPDATE tokens SET last_login_at = now(),
       secret_used_at = CASE WHEN secret_hash = $2 THEN now() ELSE secret_used_at END,
       old_secret_used_at = CASE WHEN old_secret_hash = $2 THEN now() ELSE old_secret_used_at END
     WHERE id = $1 AND CASE
       WHEN secret_hash = $2 THEN secret_used_at IS NULL OR secret_used_at < now() - interval '1 minute'
       WHEN old_secret_hash = $2 THEN old_secret_used_at IS NULL OR old_secret_used_at < now() - interval '1 minute'
       ELSE false END`,
    [id, secretHash],
  );
}

/** Names are those of the columns. */
function record(token: WrittenToken): object {
  return {
    id: token.id,
    name: token.name,
    description: token.description,
    active: token.active,
    api_access: token.apiAccess,
    scope_buckets: token.scopeBuckets,
    scope_tunnels: token.scopeTunnels,
    expires_at: token.expiresAt,
    managed_by: token.managedBy,
  };
}
