import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { compareSecret, hashSecret } from "../auth/secret-hash.js";
import type { Catalog } from "../catalog/catalog.js";
import { changeCatalog } from "../store/catalog-version.js";
import { insertToken, rotateSecret } from "../store/tokens.js";

export interface AdministratorOptions {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  /** From the environment; empty when not set. */
  readonly key: string;
  readonly secret: string;
  readonly bcryptCost: number;
  /** Shows the first administrator's secret: the only time it is in clear. */
  readonly show: (text: string) => void;
}

const FIELDS = {
  name: null,
  description: "Administrator",
  active: true,
  apiAccess: true,
  scopeBuckets: [],
  scopeTunnels: [],
  expiresAt: 0,
} as const;

/**
 * Sees to it that somebody can log in: the token of the environment exists with that secret, or, when the environment
 * names none and no token exists, one is made and shown once.
 */
export async function ensureAdministrator(options: AdministratorOptions): Promise<void> {
  const { pool, catalog, key, secret, bcryptCost, show } = options;
  if (key !== "") {
    const existing = catalog.token(key);
    if (existing !== undefined && (await compareSecret(secret, existing.secretHash))) return;
    const hash = await hashSecret(secret, bcryptCost);
    await changeCatalog(pool, async (client) => {
      if (!(await rotateSecret(client, key, { secretHash: hash, graceSeconds: 0 })))
        await insertToken(client, key, hash, FIELDS);
    });
    await catalog.refresh();
    return;
  }
  const newKey = randomUUID();
  const newSecret = randomBytes(32).toString("base64url");
  const hash = await hashSecret(newSecret, bcryptCost);
  // Under the catalog's lock: of two servers that start at once on an empty database one makes the token.
  const made = await changeCatalog(pool, async (client) => {
    const { rowCount } = await client.query("SELECT FROM tokens WHERE active OR NOT account_key LIMIT 1");
    if (rowCount !== 0) return false;
    await insertToken(client, newKey, hash, FIELDS);
    return true;
  });
  if (!made) return;
  await catalog.refresh();
  show(`First administrator token, shown once. Store it now:\n  RELAY_KEY=${newKey}\n  RELAY_SECRET=${newSecret}\n`);
}
