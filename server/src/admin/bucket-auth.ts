import type { BucketBody } from "@relay/provider-schema";
import { hashSecret } from "../auth/secret-hash.js";
import type { BucketAuth } from "../catalog/model.js";
import { RelayError } from "../errors.js";

/**
 * What a request makes of a bucket's authentication. Secrets are hashed here, before the transaction, and never shown
 * again; a request of the same type without a secret keeps the one there is. A request without `auth`, or without its
 * `type`, keeps the type: opening a bucket to everybody takes an explicit `{"type": "none"}`.
 */
export async function prepareBucketAuth(
  body: BucketBody["auth"],
  bcryptCost: number | undefined,
): Promise<(before: BucketAuth) => BucketAuth> {
  if (body === undefined) return (before) => before;
  // Clients that write zero values send "" for what they do not mean.
  const password = body.password === "" ? undefined : body.password;
  const secret = body.token === "" ? undefined : body.token;
  const passwordHash = password === undefined ? undefined : await hashSecret(password, bcryptCost);
  const tokenHash = secret === undefined ? undefined : await hashSecret(secret, bcryptCost);

  return (before) => {
    const type = body.type ?? before.type;
    if (type === "none") return { type };
    if (type === "token") {
      const hash = tokenHash ?? (before.type === "token" ? before.hash : undefined);
      if (hash === undefined) throw new RelayError("invalid", 'auth.token: is required when auth.type becomes "token"');
      return { type, hash };
    }
    const username = body.username ?? (before.type === "basic" ? before.username : "");
    if (username === "") throw new RelayError("invalid", 'auth.username: is required when auth.type is "basic"');
    const hash = passwordHash ?? (before.type === "basic" ? before.hash : undefined);
    if (hash === undefined)
      throw new RelayError("invalid", 'auth.password: is required when auth.type becomes "basic"');
    return { type, username, hash };
  };
}
