import { FUNCTION_REFERENCES } from "../attributes/function-references.js";
import type { Catalog } from "../catalog/catalog.js";
import { RelayError } from "../errors.js";
import { quoted } from "./find.js";
import { findFunction } from "./find-function.js";

/** A body that names its functions as classic clients do, by `function_id` and so on, names them by `function`. */
export function withFunctionReference<T extends object>(body: T): T {
  const given = body as Readonly<Record<string, unknown>>;
  const named = FUNCTION_REFERENCES.flatMap((name): [string, unknown][] => {
    const id = given[`${name}_id`];
    return id === undefined || given[name] !== undefined ? [] : [[name, id]];
  });
  return named.length === 0 ? body : { ...body, ...Object.fromEntries(named) };
}

/**
 * Fields whose settings hold the ids of their functions, whichever way they were referred to. Throws 400 when there is none.
 * To be called under the catalog's lock, so that the functions stay.
 */
export function withFunctionId<T extends { readonly settings: object }>(
  catalog: Catalog,
  fields: T,
): T & { readonly functionNames: Readonly<Record<string, string>> } {
  const given = fields.settings as Readonly<Record<string, unknown>>;
  const ids: Record<string, string> = {};
  const names: Record<string, string> = {};
  for (const attribute of FUNCTION_REFERENCES) {
    const reference = given[attribute];
    if (typeof reference !== "string" || reference === "") continue;
    const found = findFunction(catalog, reference);
    if (found === undefined) {
      throw new RelayError(
        "invalid",
        `${attribute}: there is no function ${quoted(reference)}; GET /v1/functions lists those there are`,
      );
    }
    ids[attribute] = found.id;
    names[attribute] = found.name;
  }
  return { ...fields, settings: { ...fields.settings, ...ids }, functionNames: names };
}
