import type { Bucket, Token } from "../catalog/model.js";

/** True when the token's scope covers the bucket, by id or by name. An empty scope covers every bucket. */
export function mayUseBucket(token: Token, bucket: Pick<Bucket, "id" | "name">): boolean {
  const { scopeBuckets } = token;
  return scopeBuckets.length === 0 || scopeBuckets.includes(bucket.id) || scopeBuckets.includes(bucket.name);
}

/** True when the token is limited to some buckets: it may not make new ones. */
export function isLimitedToBuckets(token: Token): boolean {
  return token.scopeBuckets.length > 0;
}

/** True when the token is limited in any way: it may not see or change tokens, or it could widen its own scope. */
export function isLimited(token: Token): boolean {
  return token.scopeBuckets.length > 0 || token.scopeTunnels.length > 0;
}
