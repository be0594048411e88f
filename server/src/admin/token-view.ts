import type { Token } from "../catalog/model.js";

/** A token as the API shows it: never its secret. Times are integers, `last_login` is a text as in the classic API. */
export function tokenView(token: Token): object {
  return {
    id: token.id,
    name: token.name ?? "",
    description: token.description,
    active: token.active,
    api_access: token.apiAccess ? "enabled" : "disabled",
    scopes: { buckets: token.scopeBuckets, tunnels: token.scopeTunnels },
    expires_at: token.expiresAt,
    last_login: token.lastLoginAt === null ? "" : new Date(token.lastLoginAt * 1000).toISOString(),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  };
}
