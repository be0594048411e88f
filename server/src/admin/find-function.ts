import { isLimitedToBuckets } from "../auth/token-scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type { RelayFunction, Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { quoted } from "./find.js";

/** The function of this id or name; undefined when there is none. */
export function findFunction(catalog: Catalog, reference: string): RelayFunction | undefined {
  return catalog.function(reference) ?? catalog.functionByName(reference);
}

/** The same. Throws 404. */
export function requireFunction(catalog: Catalog, reference: string): RelayFunction {
  const found = findFunction(catalog, reference);
  if (found !== undefined) return found;
  throw new RelayError(
    "not-found",
    `There is no function ${quoted(reference)}. GET /v1/functions lists those there are.`,
  );
}

/** Throws 403 for a token that is limited to some buckets: functions are of all of them. */
export function requireFunctionRights(token: Token): void {
  if (isLimitedToBuckets(token)) {
    throw new RelayError(
      "forbidden",
      "This token is limited to its buckets, and functions are of the whole server. Use one without bucket scopes.",
    );
  }
}
