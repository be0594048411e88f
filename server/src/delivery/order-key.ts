import { createHash } from "node:crypto";

/**
 * What stands for a key in the database: 63 bits of its SHA-256, so that nothing of the webhook lies there in the clear. Two
 * keys that collide wait for each other, and lose nothing.
 */
export function orderKey(key: string | undefined): bigint {
  if (key === undefined) return 0n;
  return createHash("sha256").update(key).digest().readBigUInt64BE() >> 1n;
}
