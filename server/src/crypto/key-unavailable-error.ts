/**
 * Why a wrapped key does not open, or cannot be wrapped, now. `away`: its holder cannot be reached, trying again may help.
 * `refused`: its holder says no (the permission was taken away, the key is disabled, destroyed or unknown); somebody has to
 * act. `damaged`: this one value does not open, and never will.
 */
export type KeyProblem = "away" | "refused" | "damaged";

/** A key-encryption key that cannot be used now. The text says which, why, and what to do; it never holds key bytes. */
export class KeyUnavailableError extends Error {
  override name = "KeyUnavailableError";
  readonly kind: KeyProblem;

  constructor(kind: KeyProblem, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
