/**
 * Seals webhook data before it reaches SQL. Every bucket has data keys (AES-256) of its own; a sealed value is
 * nonce (12 bytes) + ciphertext + tag (16 bytes) of AES-256-GCM (NIST SP 800-38D), with the row id and the bucket id as
 * associated data, so that a value moved to another row or bucket does not open.
 */
export interface Sealer {
  /** Seals under the bucket's newest key. `rowId` is the 16 bytes of the row's UUID. Throws when the bucket has no key yet. */
  seal(bucketId: string, rowId: Uint8Array, plaintext: Uint8Array): Sealed;
  /** Opens a sealed value; loads the key when this server has not seen it. Rejects with `SealBrokenError`. */
  open(bucketId: string, rowId: Uint8Array, keyVersion: number, sealed: Uint8Array): Promise<Buffer>;
}

export interface Sealed {
  readonly keyVersion: number;
  readonly bytes: Buffer;
}

/** A sealed value that will never open: damaged, moved, cut, or its key destroyed. */
export class SealBrokenError extends Error {
  override name = "SealBrokenError";
}
