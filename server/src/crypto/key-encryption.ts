/**
 * Wraps data keys. The key-encryption key never leaves its holder (a key file, or Cloud KMS), so the database alone opens
 * nothing.
 */
export interface KeyEncryption {
  /** Id of what `wrap` uses now: rows that name another one can be wrapped anew. */
  currentId(): string;
  /** `context` is bound to the result: it opens only with the same one. */
  wrap(dataKey: Uint8Array, context: string): Promise<{ kekId: string; wrapped: Buffer }>;
  /** Rejects with an error that names the missing key-encryption key, or says that the value is damaged. */
  unwrap(kekId: string, wrapped: Uint8Array, context: string): Promise<Buffer>;
}
