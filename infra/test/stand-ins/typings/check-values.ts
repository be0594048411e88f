import type { Path } from "../../../../provider-schema/src/engine/problem.js";
import { isValues, UNKNOWN, type Value, type Values } from "../../../../provider-schema/src/engine/value.js";
import type { Problem } from "../protocol/stand-in.js";
import type { Member, Members, TypeExpression } from "./type-expression.js";

/** What is wrong with values, by the properties that there are. What is not known yet is right. */
export function checkValues(values: Values, members: Members, nested: Readonly<Record<string, Members>>): Problem[] {
  return checkObject(values, members, { nested, at: [] });
}

interface Context {
  readonly nested: Readonly<Record<string, Members>>;
  readonly at: Path;
}

function checkObject(values: Values, members: Members, { nested, at }: Context): Problem[] {
  const unknown = Object.keys(values)
    .filter((name) => !Object.hasOwn(members, name))
    .map((name) => ({ path: [...at, name], reason: `there is no such property${suggestion(name, members)}` }));
  const rest = Object.entries(members).flatMap(([name, member]): Problem[] => {
    const value = values[name] ?? null;
    const path = [...at, name];
    if (value !== null) return checkMember(value, member, { nested, at: path });
    return member.optional ? [] : [{ path, reason: "a value is required" }];
  });
  return [...unknown, ...rest];
}

function checkMember(value: Value, { type, values }: Member, context: Context): Problem[] {
  if (values !== undefined && typeof value === "string" && value !== "" && !values.includes(value)) {
    return [{ path: context.at, reason: `${JSON.stringify(value)} is none of ${values.join(", ")}` }];
  }
  return checkType(value, type, context);
}

function checkType(value: Value, type: TypeExpression, { nested, at }: Context): Problem[] {
  if (value === UNKNOWN || type === "any") return [];
  const wrong = (wanted: string): Problem[] => [{ path: at, reason: `${describe(value)} instead of ${wanted}` }];
  if (typeof type === "string") return typeof value === type ? [] : wrong(`a ${type}`);
  if ("list" in type) {
    if (!Array.isArray(value)) return wrong("a list");
    return value.flatMap((each: Value, i) => checkType(each, type.list, { nested, at: [...at, i] }));
  }
  if (!isValues(value)) return wrong("an object");
  if ("map" in type) {
    return Object.entries(value).flatMap(([key, each]) => checkType(each, type.map, { nested, at: [...at, key] }));
  }
  const members = nested[type.ref];
  return members === undefined ? [] : checkObject(value, members, { nested, at });
}

function describe(value: Value): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Names the property that was probably meant. */
function suggestion(name: string, members: Members): string {
  const lower = name.toLowerCase();
  const near = Object.keys(members).find(
    (each) => each.toLowerCase() === lower || each.startsWith(name) || name.startsWith(each),
  );
  return near === undefined ? "" : `; there is ${near}`;
}
