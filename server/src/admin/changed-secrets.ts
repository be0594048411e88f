import type { BucketAuth } from "../catalog/model.js";

/** Paths of a bucket's secrets that a change of its authentication gives anew. */
export function changedSecrets(before: BucketAuth, after: BucketAuth): readonly string[] {
  if (after.type === "none" || (before.type === after.type && before.hash === after.hash)) return [];
  return [after.type === "basic" ? "auth.password" : "auth.token"];
}
