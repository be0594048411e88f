import { pulumiName } from "../derive/names.js";
import type { Path } from "../engine/problem.js";
import { isValues, type Value, type Values } from "../engine/value.js";
import type { Attribute, Attributes, Kind } from "../model.js";

/** Values of attributes as properties: by their names in Pulumi, without those that are null or not `wanted`. */
export function propertyValues(
  attributes: Attributes,
  values: Values,
  wanted: (attribute: Attribute) => boolean = () => true,
): Values {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Value][] => {
      const value = values[name] ?? null;
      if (value === null || !wanted(attribute)) return [];
      return [[pulumiName(name, attribute), kindValue(attribute.kind, value, wanted)]];
    }),
  );
}

function kindValue(kind: Kind, value: Value, wanted: (attribute: Attribute) => boolean): Value {
  if (kind.type === "object" && isValues(value)) return propertyValues(kind.attributes, value, wanted);
  if ((kind.type === "list" || kind.type === "set") && Array.isArray(value)) {
    return value.map((each: Value) => kindValue(kind.of, each, wanted));
  }
  if (kind.type === "map" && isValues(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, kindValue(kind.of, each, wanted)]));
  }
  return value;
}

/** The way to an attribute, by its names in Pulumi; what is below an attribute stays as it is. */
export function propertyPath(attributes: Attributes, path: Path): Path {
  const [name, ...rest] = path;
  const attribute = typeof name === "string" ? attributes[name] : undefined;
  if (attribute === undefined || typeof name !== "string") return path;
  const below = attribute.kind.type === "object" ? propertyPath(attribute.kind.attributes, rest) : rest;
  return [pulumiName(name, attribute), ...below];
}
