import type { Queryable } from "./queryable.js";

export interface AccountKey {
  /** Of its row among the tokens. */
  readonly id: string;
  readonly enabled: boolean;
  /** Its last characters. */
  readonly hint: string;
}

/** The account's API key; undefined when none was made yet. */
export async function selectAccountKey(db: Queryable): Promise<AccountKey | undefined> {
  const { rows } = await db.query<AccountKey>(
    "SELECT id, active AS enabled, secret_hint AS hint FROM tokens WHERE account_key",
  );
  return rows[0];
}

/** Makes the key, or replaces its secret, and enables it. `id` is used when there is none. */
export async function upsertAccountKey(
  db: Queryable,
  { id, secretHash, hint }: { id: string; secretHash: string; hint: string },
): Promise<void> {
  await db.query(
    `INSERT INTO tokens (id, description, secret_hash, secret_hint, account_key)
     VALUES ($1, 'Account API key', $2, $3, true)
     ON CONFLICT (account_key) WHERE account_key
       DO UPDATE SET secret_hash = $2, secret_created_at = now(), secret_used_at = NULL,
         secret_hint = $3, active = true, updated_at = now()`,
    [id, secretHash, hint],
  );
}

/** False: there is no key. */
export async function enableAccountKey(db: Queryable, enabled: boolean): Promise<boolean> {
  const { rowCount } = await db.query("UPDATE tokens SET active = $1, updated_at = now() WHERE account_key", [enabled]);
  return rowCount === 1;
}
