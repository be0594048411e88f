import { pulumiName } from "../derive/names.js";
import type { Path, Problem } from "../engine/problem.js";
import { isValues, type Value, type Values } from "../engine/value.js";
import type { Attributes, Kind } from "../model.js";

/** Attributes by their names in the definition, and the properties that no definition has. */
export interface AttributeValues {
  readonly values: Values;
  /** Their paths are those in Pulumi. */
  readonly problems: readonly Problem[];
}

/** Takes properties for the attributes they are. */
export function attributeValues(attributes: Attributes, properties: Values): AttributeValues {
  const problems: Problem[] = [];
  return { values: objectValues(attributes, properties, [], problems), problems };
}

function objectValues(attributes: Attributes, properties: Values, at: Path, problems: Problem[]): Values {
  const names = new Map(Object.entries(attributes).map(([name, attribute]) => [pulumiName(name, attribute), name]));
  return Object.fromEntries(
    Object.entries(properties).flatMap(([property, value]): [string, Value][] => {
      const name = names.get(property);
      const attribute = name === undefined ? undefined : attributes[name];
      if (name === undefined || attribute === undefined) {
        // Names with two underscores are between the engine, its SDKs and us.
        if (!property.startsWith("__")) problems.push(unknownProperty([...at, property], [...names.keys()]));
        return [];
      }
      return [[name, kindValue(attribute.kind, value, [...at, property], problems)]];
    }),
  );
}

function kindValue(kind: Kind, value: Value, at: Path, problems: Problem[]): Value {
  if (kind.type === "object" && isValues(value)) return objectValues(kind.attributes, value, at, problems);
  if ((kind.type === "list" || kind.type === "set") && Array.isArray(value)) {
    return value.map((each: Value, i) => kindValue(kind.of, each, [...at, i], problems));
  }
  if (kind.type === "map" && isValues(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, kindValue(kind.of, each, [...at, name], problems)]),
    );
  }
  return value;
}

function unknownProperty(path: Path, names: readonly string[]): Problem {
  return { path, message: "is no property here", hint: `there are ${names.join(", ")}` };
}
