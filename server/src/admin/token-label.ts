import type { Token } from "../catalog/model.js";

/** What people know a token by: its description, else its key. */
export function tokenLabel(token: Token): string {
  return token.description === "" ? token.id : token.description;
}
