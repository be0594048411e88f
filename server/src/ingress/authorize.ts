import { parseCredentials } from "../auth/basic-credentials.js";
import type { GuessLimit } from "../auth/guess-limit.js";
import type { Credential, SecretVerifier, Verdict } from "../auth/secret-verifier.js";
import type { Bucket } from "../catalog/model.js";

/** Too many wrong credentials from this address. */
export interface Limited {
  readonly kind: "limited";
  readonly retryAfterSeconds: number;
}

export interface AuthorizeOptions {
  readonly verifier: SecretVerifier;
  readonly guesses: GuessLimit;
  readonly bucket: Bucket;
  readonly authorization: string | undefined;
  /** The sender's. */
  readonly address: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Checks a sender's credentials against the bucket's. Remembered answers come at once; a first check costs a bcrypt
 * comparison off the event loop and comes as a promise. A wrong user name costs as much as a wrong password. Buckets take
 * turns in being checked.
 */
export function authorize(options: AuthorizeOptions): Verdict | Limited | Promise<Verdict> {
  const { verifier, guesses, bucket, address, now } = options;
  if (bucket.auth.type === "none") return "ok";
  const credential = credentialOf(bucket, options.authorization);
  if (credential === undefined) return "wrong";
  const known = verifier.verifyCached(credential);
  if (known === false) return "wrong";
  if (known === true && guesses.mayPass(address, bucket.id, now())) return "ok";
  // Many webhooks with one credential share its check: they are one guess.
  if (known === undefined && verifier.isChecking(credential)) return verifier.verify(credential, bucket.id);
  const wait = guesses.waitSeconds(address, bucket.id, now());
  if (wait > 0) return { kind: "limited", retryAfterSeconds: wait };
  return check(credential, options);
}

async function check(credential: Credential, { verifier, guesses, bucket, address, now }: AuthorizeOptions) {
  guesses.count(address, bucket.id, now());
  const verdict = await verifier.verify(credential, bucket.id);
  if (verdict !== "wrong") guesses.pardon(address, bucket.id, now());
  if (verdict === "ok") guesses.mayPass(address, bucket.id, now());
  return verdict;
}

/** What has to be verified; undefined when nothing that could be right was sent. */
function credentialOf({ id, auth }: Bucket, authorization: string | undefined): Credential | undefined {
  const credentials = parseCredentials(authorization);
  if (auth.type === "basic" && credentials.kind === "basic") {
    const { username, password } = credentials;
    const hash = username === auth.username ? auth.hash : undefined;
    return { subject: `bucket ${id} ${username}`, secret: password, hash };
  }
  if (auth.type === "token" && credentials.kind === "bearer") {
    return { subject: `bucket ${id} `, secret: credentials.token, hash: auth.hash };
  }
  return undefined;
}
