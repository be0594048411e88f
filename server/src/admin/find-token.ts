import type { Catalog } from "../catalog/catalog.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { quoted } from "./find.js";

/** The token of this id or name. Throws 404. */
export function requireToken(catalog: Catalog, reference: string): Token {
  const token = catalog.token(reference) ?? catalog.tokenByName(reference);
  // The account's API key has routes of its own: here it could be given scopes, or a second name.
  if (token === undefined || token.accountKey) {
    throw new RelayError("not-found", `There is no token ${quoted(reference)}. GET /v1/tokens lists those there are.`);
  }
  return token;
}
