import type { Attribute, Attributes, Json, Kind } from "../model.js";
import { canonicalJson } from "./canonical-json.js";
import { isValues, type Values } from "./values.js";

/**
 * The one form of what was written: defaults filled in, sets sorted and without repetition, what the definition does not
 * know left out. An optional attribute without a value stays absent. Takes what people write and what the API shows alike.
 */
export function declaredValues(attributes: Attributes, written: Values): Values {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const value = declaredValue(attribute, written[name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The same for one attribute; undefined stands for absent. */
export function declaredValue({ presence, kind }: Attribute, written: Json | undefined): Json | undefined {
  const value = written ?? (typeof presence === "object" ? presence.default : null);
  if (value === null || (kind.type === "json" && isValues(value) && Object.keys(value).length === 0)) return undefined;
  return inForm(kind, value);
}

function inForm(kind: Kind, value: Json): Json {
  switch (kind.type) {
    case "list":
      return Array.isArray(value) ? value.map((each: Json) => inForm(kind.of, each)) : value;
    case "set":
      return Array.isArray(value) ? distinct(value.map((each: Json) => inForm(kind.of, each))) : value;
    case "map":
      return isValues(value)
        ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inForm(kind.of, each)]))
        : value;
    case "object":
      return isValues(value) ? declaredValues(kind.attributes, value) : value;
    default:
      return value;
  }
}

function distinct(values: readonly Json[]): Json[] {
  const byText = new Map(values.map((value) => [canonicalJson(value), value]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
