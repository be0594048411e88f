import type { SecretVerifier } from "../auth/secret-verifier.js";
import { RelayError } from "../errors.js";

/** Whether a given secret is another than the one of which `kept` is the hash. */
export type SecretDiffers = (kept: string, given: string) => boolean;

export interface SecretPair {
  readonly kept: string;
  readonly given: string;
}

/** bcrypt checks of one request that run at a time. */
const PARALLEL = 2;

/**
 * Compares given secrets with their hashes before the catalog is locked: bcrypt takes its time. The function it returns
 * answers at once; a hash that was not among the pairs is another secret's.
 */
export async function compareSecrets(verifier: SecretVerifier, pairs: readonly SecretPair[]): Promise<SecretDiffers> {
  const equal = new Set<string>();
  const waiting = [...pairs];
  const work = async () => {
    for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
      const verdict = await verifier.verify(credentialOf(pair));
      if (verdict === "busy") {
        throw new RelayError("unavailable", "The server is checking many credentials. Try again in a moment.", {
          retryAfterSeconds: 1,
        });
      }
      if (verdict === "ok") equal.add(keyOf(pair.kept, pair.given));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return (kept, given) => !equal.has(keyOf(kept, given));
}

/** Notes pairs that are known to be equal, as they were just made. */
export function rememberSecrets(verifier: SecretVerifier, pairs: readonly SecretPair[]): void {
  for (const pair of pairs) verifier.remember(credentialOf(pair));
}

function credentialOf({ kept, given }: SecretPair) {
  return { subject: "manifest", secret: given, hash: kept };
}

/** A bcrypt hash holds no line break. */
function keyOf(kept: string, given: string): string {
  return `${kept}\n${given}`;
}
