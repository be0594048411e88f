import type { Settings } from "../attributes/settings.js";
import type { Catalog } from "../catalog/catalog.js";
import { RelayError } from "../errors.js";
import { quoted } from "./find.js";
import { findFunction } from "./find-function.js";

/** A body that names its function as classic clients do, by `function_id`, names it by `function`. */
export function withFunctionReference<T extends { readonly function?: string }>(body: T): T {
  const { function_id: id } = body as { readonly function_id?: string };
  return id === undefined || body.function !== undefined ? body : { ...body, function: id };
}

/**
 * Fields whose settings hold the id of their function, whichever way it was referred to. Throws 400 when there is none. To
 * be called under the catalog's lock, so that the function stays.
 */
export function withFunctionId<T extends { readonly settings: Settings }>(
  catalog: Catalog,
  fields: T,
): T & { readonly functionName: string } {
  const { function: reference } = fields.settings;
  if (typeof reference !== "string" || reference === "") return { ...fields, functionName: "" };
  const found = findFunction(catalog, reference);
  if (found === undefined) {
    throw new RelayError(
      "invalid",
      `function: there is no function ${quoted(reference)}; GET /v1/functions lists those there are`,
    );
  }
  return { ...fields, settings: { ...fields.settings, function: found.id }, functionName: found.name };
}
