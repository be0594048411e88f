import type { Kind } from "../model.js";
import { isValues, type Value } from "./value.js";

/** Equality of values of a kind: order does not matter in a set, absent is null. Unknown equals nothing. */
export function sameValue(kind: Kind, a: Value, b: Value): boolean {
  switch (kind.type) {
    case "list":
      return pairwise(a, b, (x, y) => sameValue(kind.of, x, y)) ?? a === b;
    case "set":
      return sameSet(kind.of, a, b) ?? a === b;
    case "map":
      return sameNamed(a, b, () => kind.of) ?? a === b;
    case "object":
      return sameNamed(a, b, (name) => kind.attributes[name]?.kind) ?? a === b;
    case "json":
      return sameJson(a, b);
    default:
      return typeof a !== "symbol" && a === b;
  }
}

function sameJson(a: Value, b: Value): boolean {
  return pairwise(a, b, sameJson) ?? sameNamed(a, b, () => ({ type: "json" })) ?? a === b;
}

function pairwise(a: Value, b: Value, same: (x: Value, y: Value) => boolean): boolean | undefined {
  if (!Array.isArray(a) || !Array.isArray(b)) return typeof a === "symbol" || typeof b === "symbol" ? false : undefined;
  return a.length === b.length && a.every((each, i) => same(each, b[i] ?? null));
}

function sameSet(of: Kind, a: Value, b: Value): boolean | undefined {
  if (!Array.isArray(a) || !Array.isArray(b)) return typeof a === "symbol" || typeof b === "symbol" ? false : undefined;
  const within = (all: readonly Value[], one: Value) => all.some((each) => sameValue(of, each, one));
  return a.every((each) => within(b, each)) && b.every((each) => within(a, each));
}

function sameNamed(a: Value, b: Value, kindOf: (name: string) => Kind | undefined): boolean | undefined {
  if (!isValues(a) || !isValues(b)) return typeof a === "symbol" || typeof b === "symbol" ? false : undefined;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => {
    const kind = kindOf(name);
    return kind !== undefined && sameValue(kind, a[name] ?? null, b[name] ?? null);
  });
}
