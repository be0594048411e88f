import type { Attributes, Json, Resource } from "../model.js";
import { isValues, UNKNOWN, type Value, type Values } from "./value.js";

/** Body of a request that makes or changes an object: all that people write. Given secrets only when `secrets` says so. */
export function resourceBody(
  resource: Resource,
  planned: Values,
  { secrets }: { secrets: (path: string) => boolean },
): { [name: string]: Json } {
  return objectBody(resource.attributes, planned, "", secrets, resource.parent);
}

function objectBody(
  attributes: Attributes,
  values: Values,
  at: string,
  secrets: (path: string) => boolean,
  parent?: string,
): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const path = at === "" ? name : `${at}.${name}`;
      const value = values[name] ?? null;
      if (attribute.presence === "computed" || attribute.only !== undefined || name === parent) return [];
      if (value === UNKNOWN) throw new Error(`${path} is still unknown when the object is written`);
      if (value === null || (attribute.secret === "given" && !secrets(path))) return [];
      return attribute.kind.type === "object" && isValues(value)
        ? [[name, objectBody(attribute.kind.attributes, value, path, secrets)]]
        : [[name, json(value, path)]];
    }),
  );
}

function json(value: Value, path: string): Json {
  if (value === UNKNOWN) throw new Error(`${path} is still unknown when the object is written`);
  if (isValues(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, json(each, path)]));
  }
  return isList(value) ? value.map((each) => json(each, path)) : value;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
