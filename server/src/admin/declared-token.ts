import type { Token } from "../catalog/model.js";
import type { TokenFields } from "../store/tokens.js";

/** What people declare of a token, as the API shows it. */
export function declaredToken(token: TokenFields & Pick<Token, "managedBy">): object {
  return {
    managed_by: token.managedBy,
    name: token.name ?? "",
    description: token.description,
    active: token.active,
    api_access: token.apiAccess ? "enabled" : "disabled",
    scopes: { buckets: token.scopeBuckets, tunnels: token.scopeTunnels },
    expires_at: token.expiresAt,
  };
}
