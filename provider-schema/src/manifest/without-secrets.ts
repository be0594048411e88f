import type { Attributes, Json, Resource } from "../model.js";
import { hideSecrets } from "./hide-secrets.js";
import { isValues, type Values } from "./values.js";

/** A manifest's content as it may be kept: every given secret is left out, those inside JSON are hidden. */
export function withoutSecrets(resources: readonly Resource[], content: Values): Values {
  return contentWithout(resources, content, undefined);
}

function contentWithout(resources: readonly Resource[], holder: Values, parent: string | undefined): Values {
  const collections = new Map(
    resources.filter((resource) => resource.parent === parent).map((resource) => [resource.plural, resource]),
  );
  return Object.fromEntries(
    Object.entries(holder).map(([name, value]): [string, Json] => {
      const resource = collections.get(name);
      if (resource === undefined || !isValues(value)) return [name, value];
      const objects = Object.entries(value).map(([key, written]): [string, Json] => [
        key,
        isValues(written)
          ? contentWithout(resources, attributesWithout(resource.attributes, written), resource.name)
          : written,
      ]);
      return [name, Object.fromEntries(objects)];
    }),
  );
}

function attributesWithout(attributes: Attributes, written: Values): Values {
  return Object.fromEntries(
    Object.entries(written).flatMap(([name, value]): [string, Json][] => {
      const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      if (attribute?.secret !== undefined) return [];
      if (attribute?.kind.type === "json") return [[name, hideSecrets(attribute.kind, value)]];
      const inside = attribute?.kind.type === "object" && isValues(value);
      return [[name, inside ? attributesWithout(attribute.kind.attributes, value) : value]];
    }),
  );
}
