import type { Resource } from "../model.js";
import { declaredValues } from "./declared-values.js";
import { manifestAttributes } from "./manifest-attributes.js";
import type { DeclaredObject } from "./manifest-object.js";
import { isValues, type Values } from "./values.js";

/** Everything a manifest declares, parents before what belongs to them. The content must have been validated. */
export function declaredObjects(resources: readonly Resource[], content: Values): DeclaredObject[] {
  const within = (holder: Values, parent: string | undefined, path: readonly string[]): DeclaredObject[] =>
    resources
      .filter((resource) => resource.parent === parent)
      .flatMap((resource) => {
        const collection = holder[resource.plural];
        if (!isValues(collection)) return [];
        const attributes = manifestAttributes(resource);
        return Object.entries(collection).flatMap(([name, written]) => {
          const own = isValues(written) ? written : {};
          const at = [...path, name];
          return [
            { resource: resource.name, path: at, values: declaredValues(attributes, own) },
            ...within(own, resource.name, at),
          ];
        });
      });
  return within(content, undefined, []);
}
