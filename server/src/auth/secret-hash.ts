import { secretProblem } from "@relay/provider-schema";
import bcrypt from "bcrypt";

/** Cost of a hash: 2^10 rounds, about 65 ms of one core. */
export const DEFAULT_BCRYPT_COST = 10;

export class SecretRefusedError extends Error {
  override name = "SecretRefusedError";
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
