import { parseCredentials } from "../auth/basic-credentials.js";
import type { SecretVerifier, Verdict } from "../auth/secret-verifier.js";
import type { Bucket } from "../catalog/model.js";

/**
 * Checks a sender's credentials against the bucket's. Remembered answers come at once; a first check costs a bcrypt
 * comparison off the event loop and comes as a promise. A wrong user name costs as much as a wrong password.
 */
export function authorize(
  verifier: SecretVerifier,
  bucket: Bucket,
  authorization: string | undefined,
): Verdict | Promise<Verdict> {
  const { auth } = bucket;
  if (auth.type === "none") return "ok";
  const credentials = parseCredentials(authorization);
  const wanted = auth.type === "basic" ? "basic" : "bearer";
  if (credentials.kind !== wanted) return "wrong";
  const username = credentials.kind === "basic" ? credentials.username : "";
  const expectedName = auth.type === "basic" ? auth.username : "";
  const credential = {
    subject: `bucket ${bucket.id} ${username}`,
    secret:
      credentials.kind === "basic" ? credentials.password : credentials.kind === "bearer" ? credentials.token : "",
    hash: username === expectedName ? auth.hash : undefined,
  };
  const known = verifier.verifyCached(credential);
  if (known !== undefined) return known ? "ok" : "wrong";
  return verifier.verify(credential);
}
