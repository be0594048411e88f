import bcrypt from "bcrypt";

/** bcrypt reads 72 bytes and ignores the rest, so two longer secrets with one beginning would be the same secret. */
const MAX_SECRET_BYTES = 72;

/** Cost of a hash: 2^10 rounds, about 65 ms of one core. */
export const DEFAULT_BCRYPT_COST = 10;

export class SecretRefusedError extends Error {
  override name = "SecretRefusedError";
}

/** Says why bcrypt cannot hold this secret whole, or undefined when it can. */
export function secretProblem(secret: string): string | undefined {
  if (secret === "") return "must not be empty";
  if (secret.includes("\0")) return "must not contain a NUL character";
  const bytes = Buffer.byteLength(secret, "utf8");
  if (bytes > MAX_SECRET_BYTES) return `must be at most ${MAX_SECRET_BYTES} bytes in UTF-8, it has ${bytes}`;
  return undefined;
}

/** Hashes off the event loop. Rejects with `SecretRefusedError` when bcrypt would cut the secret. */
export async function hashSecret(secret: string, cost: number = DEFAULT_BCRYPT_COST): Promise<string> {
  const problem = secretProblem(secret);
  if (problem !== undefined) throw new SecretRefusedError(`The secret ${problem}.`);
  return bcrypt.hash(secret, cost);
}

/** Compares off the event loop. The caller has checked that the secret is not longer than bcrypt reads. */
export function compareSecret(secret: string, hash: string): Promise<boolean> {
  return bcrypt.compare(secret, hash);
}
