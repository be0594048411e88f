import type pg from "pg";
import { bucketKeyContext } from "./bucket-key-context.js";
import { installationSecretContext } from "./installation-secret.js";
import type { KeyEncryption } from "./key-encryption.js";
import { KeyUnavailableError } from "./key-unavailable-error.js";

const PAGE = 100;
const PARALLEL = 4;

/** One wrapped value of the database. */
interface WrappedRow {
  readonly kekId: string;
  readonly wrapped: Buffer;
  readonly context: string;
  /** The statement that puts $1 (id) and $2 (bytes) in its place, when it still holds $3; and the rest of its parameters. */
  readonly update: string;
  readonly where: readonly unknown[];
}

export interface Rewrapped {
  readonly done: number;
  /** What could not be wrapped anew, and why the first of it could not. */
  readonly left: number;
  readonly error: unknown;
}

/**
 * Wraps anew, with the current key-encryption key, whatever another one wrapped. The data keys themselves stay as they are, so
 * nothing that they sealed is touched, and it may be done while servers run. Rejects with `KeyUnavailableError` when the
 * key-encryption key is away; what one key refuses is left, and counted.
 */
export async function rewrapKeys(
  pool: pg.Pool,
  keyEncryption: KeyEncryption,
  stopped: () => boolean,
): Promise<Rewrapped> {
  const result = { done: 0, left: 0, error: undefined as unknown };
  const refusedIds = new Set<string>();
  const rewrap = async (row: WrappedRow) => {
    if (refusedIds.has(row.kekId)) {
      result.left += 1;
      return;
    }
    try {
      const dataKey = await keyEncryption.unwrap(row.kekId, row.wrapped, row.context);
      const next = await keyEncryption.wrap(dataKey, row.context);
      dataKey.fill(0);
      // Only over what was read: another server may be at it, or the bucket gone.
      const { rowCount } = await pool.query(row.update, [next.kekId, next.wrapped, row.wrapped, ...row.where]);
      result.done += rowCount ?? 0;
    } catch (error) {
      if (error instanceof KeyUnavailableError && error.kind === "away") throw error;
      if (error instanceof KeyUnavailableError && error.kind === "refused") refusedIds.add(row.kekId);
      result.left += 1;
      result.error ??= error;
    }
  };
  for await (const rows of pages(pool, keyEncryption.currentId())) {
    if (stopped()) break;
    for (let from = 0; from < rows.length && !stopped(); from += PARALLEL) {
      await Promise.all(rows.slice(from, from + PARALLEL).map(rewrap));
    }
  }
  return result;
}

async function* pages(pool: pg.Pool, currentId: string): AsyncGenerator<readonly WrappedRow[]> {
  const secrets = await pool.query<{ name: string; kekId: string; wrapped: Buffer }>(
    `SELECT name, kek_id AS "kekId", wrapped FROM installation_secrets WHERE kek_id <> $1`,
    [currentId],
  );
  yield secrets.rows.map(({ name, kekId, wrapped }) => ({
    kekId,
    wrapped,
    context: installationSecretContext(name),
    update: "UPDATE installation_secrets SET kek_id = $1, wrapped = $2 WHERE wrapped = $3 AND name = $4",
    where: [name],
  }));
  let after = { bucketId: "00000000-0000-0000-0000-000000000000", version: 0 };
  for (;;) {
    const { rows } = await pool.query<{ bucketId: string; version: number; kekId: string; wrapped: Buffer }>(
      `SELECT bucket_id AS "bucketId", version, kek_id AS "kekId", wrapped FROM bucket_keys
       WHERE kek_id <> $1 AND (bucket_id, version) > ($2, $3) ORDER BY bucket_id, version LIMIT ${PAGE}`,
      [currentId, after.bucketId, after.version],
    );
    yield rows.map(({ bucketId, version, kekId, wrapped }) => ({
      kekId,
      wrapped,
      context: bucketKeyContext(bucketId, version),
      update: "UPDATE bucket_keys SET kek_id = $1, wrapped = $2 WHERE wrapped = $3 AND bucket_id = $4 AND version = $5",
      where: [bucketId, version],
    }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}
