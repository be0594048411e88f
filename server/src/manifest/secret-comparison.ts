import { equalText } from "../auth/equal-text.js";
import type { SecretVerifier } from "../auth/secret-verifier.js";
import { RelayError } from "../errors.js";

/** Whether a given secret is another than the kept one: see `SecretPair`. */
export type SecretDiffers = (kept: string, given: string) => boolean;

export interface SecretPair {
  /** The hash of a secret, or a `keptSecret` that the server knows itself. */
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
      const known = knownSecret(pair.kept);
      if (known !== undefined) {
        if (equalText(known, pair.given)) equal.add(keyOf(pair.kept, pair.given));
        continue;
      }
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

/** No hash begins like this. */
const KNOWN = "=";

/** A secret that the server keeps encrypted and has at hand, for comparison. */
export function keptSecret(secret: string): string {
  return KNOWN + secret;
}

function knownSecret(kept: string): string | undefined {
  return kept.startsWith(KNOWN) ? kept.slice(KNOWN.length) : undefined;
}

function credentialOf({ kept, given }: SecretPair) {
  return { subject: "manifest", secret: given, hash: kept };
}

function keyOf(kept: string, given: string): string {
  return JSON.stringify([kept, given]);
}
