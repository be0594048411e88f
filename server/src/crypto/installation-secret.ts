import { hkdfSync, randomBytes } from "node:crypto";
import type pg from "pg";
import type { KeyEncryption } from "./key-encryption.js";

/** What the installation's secret is bound to when it is wrapped. */
export function installationSecretContext(name: string): string {
  return `relay installation secret ${name}`;
}

/**
 * A secret that all servers of an installation share: random, wrapped in the database, made by whoever comes first. `root`
 * stands in where no key file gives them one, `settings` seals the secrets of settings. Returns a function that derives
 * 32 bytes from it for a purpose (HKDF-SHA256, RFC 5869).
 */
export async function loadInstallationSecret(
  pool: pg.Pool,
  keyEncryption: KeyEncryption,
  name: "root" | "settings",
): Promise<(purpose: string) => Buffer> {
  const context = installationSecretContext(name);
  let row = await select(pool, name);
  if (row === undefined) {
    const { kekId, wrapped } = await keyEncryption.wrap(randomBytes(32), context);
    await pool.query(
      "INSERT INTO installation_secrets (name, kek_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [name, kekId, wrapped],
    );
    // Another server may have been faster: theirs stands.
    row = await select(pool, name);
  }
  if (row === undefined) throw new Error("installation_secrets: the secret was made and is gone again.");
  const secret = await keyEncryption.unwrap(row.kekId, row.wrapped, context);
  return (purpose) => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
}

async function select(pool: pg.Pool, name: string): Promise<{ kekId: string; wrapped: Buffer } | undefined> {
  const { rows } = await pool.query<{ kekId: string; wrapped: Buffer }>(
    `SELECT kek_id AS "kekId", wrapped FROM installation_secrets WHERE name = $1`,
    [name],
  );
  return rows[0];
}
