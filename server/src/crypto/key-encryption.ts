/**
 * Wraps data keys. The key-encryption key never leaves its holder (a key file, later a key management service), so the
 * database alone opens nothing.
 */
export interface KeyEncryption {
  /** `context` is bound to the result: it opens only with the same one. */
  wrap(dataKey: Uint8Array, context: string): Promise<{ kekId: string; wrapped: Buffer }>;
  /** Rejects with an error that names the missing key-encryption key, or says that the value is damaged. */
  unwrap(kekId: string, wrapped: Uint8Array, context: string): Promise<Buffer>;
}
