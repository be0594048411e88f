import { CHECKS } from "../checks.js";
import { COMBINATIONS } from "../combinations.js";
import type { Attribute, Attributes, Kind } from "../model.js";
import type { Path, Problem } from "./problem.js";
import { hasUnknown, isValues, UNKNOWN, type Value, type Values } from "./value.js";

/** Everything that is wrong with a configuration; what is unknown yet is right. */
export function validateConfig(attributes: Attributes, config: Values, at: Path = []): Problem[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = config[name] ?? null;
    const path = [...at, name];
    if (value === UNKNOWN) return [];
    if (value === null) {
      return attribute.presence === "required" ? [{ path, message: "is required", ...hintOf(attribute) }] : [];
    }
    if (attribute.presence === "computed") return [{ path, message: "is told by the server and cannot be set" }];
    const problems = [...validateKind(attribute.kind, value, path), ...combinationProblems(attribute, value, path)];
    if (problems.length > 0 || attribute.check === undefined || hasUnknown(value)) return problems;
    const message = CHECKS[attribute.check](value);
    return message === undefined ? [] : [{ path, message, ...hintOf(attribute) }];
  });
}

function combinationProblems({ combination }: Attribute, value: Value, path: Path): Problem[] {
  if (combination === undefined || !isValues(value)) return [];
  return COMBINATIONS[combination](value).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

function hintOf({ example }: Attribute): { hint?: string } {
  return example === undefined ? {} : { hint: `for example ${JSON.stringify(example)}` };
}

function validateKind(kind: Kind, value: Value, path: Path): Problem[] {
  if (value === UNKNOWN) return [];
  switch (kind.type) {
    case "string":
      if (typeof value !== "string") return [{ path, message: "must be a string" }];
      if (kind.oneOf !== undefined && !kind.oneOf.includes(value)) {
        return [{ path, message: `must be one of ${kind.oneOf.map((each) => JSON.stringify(each)).join(", ")}` }];
      }
      if (kind.maxLength !== undefined && value.length > kind.maxLength) {
        return [{ path, message: `must have at most ${kind.maxLength} characters, it has ${value.length}` }];
      }
      return [];
    case "integer":
      if (typeof value !== "number" || !Number.isSafeInteger(value)) return [{ path, message: "must be an integer" }];
      if (kind.minimum !== undefined && value < kind.minimum) {
        return [{ path, message: `must be at least ${kind.minimum}` }];
      }
      if (kind.maximum !== undefined && value > kind.maximum) {
        return [{ path, message: `must be at most ${kind.maximum}` }];
      }
      return [];
    case "boolean":
      return typeof value === "boolean" ? [] : [{ path, message: "must be true or false" }];
    case "list":
    case "set":
      if (!Array.isArray(value)) return [{ path, message: "must be a list" }];
      if (kind.maxItems !== undefined && value.length > kind.maxItems) {
        return [{ path, message: `must have at most ${kind.maxItems} entries` }];
      }
      return value.flatMap((each: Value, i) => validateElement(kind.of, each, [...path, i]));
    case "map":
      if (!isValues(value)) return [{ path, message: "must be a map" }];
      return Object.entries(value).flatMap(([name, each]) => validateElement(kind.of, each, [...path, name]));
    case "object":
      return isValues(value) ? validateConfig(kind.attributes, value, path) : [{ path, message: "must be an object" }];
    case "json":
      return [];
  }
}

function validateElement(kind: Kind, value: Value, path: Path): Problem[] {
  return value === null ? [{ path, message: "must not be null" }] : validateKind(kind, value, path);
}
