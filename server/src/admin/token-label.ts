import type { Token } from "../catalog/model.js";

/** What people know a token by: its name, else its description, else its key. */
export function tokenLabel(token: Token): string {
  if (token.name !== null) return token.name;
  return token.description === "" ? token.id : token.description;
}
