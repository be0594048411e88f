import { validOldSecret } from "../auth/token-standing.js";
import type { Token } from "../catalog/model.js";
import { declaredToken } from "./declared-token.js";

/**
 * A token as the API shows it: never a secret, nor a hash. Times are integers, `last_login` is a text as in the classic API.
 * `now` in Unix milliseconds: a secret whose grace is over is not shown.
 */
export function tokenView(token: Token, now: number): object {
  return {
    id: token.id,
    ...declaredToken(token),
    secrets: secretsView(token, now),
    last_login: token.lastLoginAt === null ? "" : new Date(token.lastLoginAt * 1000).toISOString(),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  };
}

function secretsView(token: Token, now: number): object[] {
  const secrets: object[] = [{ current: true, created_at: token.secretCreatedAt, last_used_at: token.secretUsedAt }];
  const old = validOldSecret(token, now);
  if (old !== undefined) {
    const { createdAt, usedAt, validUntil } = old;
    secrets.push({
      current: false,
      created_at: createdAt,
      last_used_at: usedAt,
      valid_until: Math.floor(validUntil),
    });
  }
  return secrets;
}
