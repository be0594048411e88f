import type { TokenBody } from "@relay/provider-schema";
import type { Token } from "../catalog/model.js";
import type { TokenFields } from "../store/tokens.js";

/** What old clients do not know of, a name and an end, changes only when it is given: leaving it out must not lift it. */
export function replacedToken(
  body: TokenBody,
  before: Pick<Token, "apiAccess" | "active" | "name" | "expiresAt">,
): TokenFields {
  return {
    name: body.name ?? before.name,
    description: body.description ?? "",
    active: body.active ?? before.active,
    apiAccess: body.api_access === undefined ? before.apiAccess : body.api_access === "enabled",
    scopeBuckets: body.scopes?.buckets ?? [],
    scopeTunnels: body.scopes?.tunnels ?? [],
    expiresAt: body.expires_at ?? before.expiresAt,
  };
}
