// What rules say about properties. None of them ever decides on a value that is not yet known: it then answers with a
// verdict that is undecided. All return a list, so that a rule is the list of what it expects.
import { firstUnknown } from "./first-unknown.js";
import { NotYetKnown } from "./not-yet-known.js";
import { peekAt } from "./peek-at.js";
import type { Value } from "./value.js";
import { undecided, type Verdict, violation } from "./verdict.js";

type Plain = string | number | boolean;

function isNot(
  path: string,
  { value, wanted }: { readonly value: Value | undefined; readonly wanted: string },
): string {
  if (value === undefined || value === null) return `${path} is not set, but has to be ${wanted}`;
  return `${path} is ${typeof value === "object" ? "something else" : JSON.stringify(value)}, but has to be ${wanted}`;
}

/** The property is one of these values; a single value is a list of one. */
export function expectValue(
  of: Value | undefined,
  path: string,
  allowed: Plain | readonly Plain[],
): readonly Verdict[] {
  const value = peekAt(of, path);
  if (value instanceof NotYetKnown) return [undecided(path, value)];
  const list = typeof allowed === "object" ? allowed : [allowed];
  if (list.some((each) => each === value)) return [];
  return [violation(isNot(path, { value, wanted: list.map((each) => JSON.stringify(each)).join(" or ") }))];
}

/** The same for several properties of one object. */
export function expectValues(
  of: Value | undefined,
  expected: Readonly<Record<string, Plain | readonly Plain[]>>,
): readonly Verdict[] {
  return Object.entries(expected).flatMap(([path, allowed]) => expectValue(of, path, allowed));
}

/** Each property has a value that says something: no empty text, list or object. Not yet known is a value. */
export function expectSet(of: Value | undefined, ...paths: readonly string[]): readonly Verdict[] {
  return paths.flatMap((path) => {
    const value = peekAt(of, path);
    if (value instanceof NotYetKnown || typeof value === "number" || typeof value === "boolean") return [];
    const empty = value === undefined || value === null || Object.keys(value).length === 0;
    return empty ? [violation(`${path} is not set`)] : [];
  });
}

/** Each property is left out, or false, or empty. */
export function expectUnset(of: Value | undefined, ...paths: readonly string[]): readonly Verdict[] {
  return paths.flatMap((path): readonly Verdict[] => {
    const value = peekAt(of, path);
    if (value instanceof NotYetKnown) return [undecided(path, value)];
    const empty =
      value === undefined ||
      value === null ||
      value === false ||
      value === "" ||
      (Array.isArray(value) && value.length === 0);
    return empty ? [] : [violation(`${path} is set`)];
  });
}

/** The number, or the number that a text starts with ("7776000s"), is within bounds. */
export function expectNumber(
  of: Value | undefined,
  path: string,
  { min, max }: { readonly min?: number; readonly max?: number },
): readonly Verdict[] {
  const value = peekAt(of, path);
  if (value instanceof NotYetKnown) return [undecided(path, value)];
  const number = typeof value === "number" ? value : typeof value === "string" ? Number.parseFloat(value) : Number.NaN;
  const bounds = [min === undefined ? [] : `at least ${min}`, max === undefined ? [] : `at most ${max}`].flat();
  const inside = number >= (min ?? Number.NEGATIVE_INFINITY) && number <= (max ?? Number.POSITIVE_INFINITY);
  return inside ? [] : [violation(isNot(path, { value, wanted: bounds.join(" and ") }))];
}

/** A test of the value holds. It has to answer false for what it does not know, which then is undecided. */
export function expectThat(
  of: Value | undefined,
  path: string,
  { says, test }: { readonly says: string; readonly test: (value: Value | undefined) => boolean },
): readonly Verdict[] {
  const value = peekAt(of, path);
  if (test(value)) return [];
  const unknown = firstUnknown(value);
  return [unknown === undefined ? violation(`${path} ${says}`) : undecided(path, unknown)];
}

/** No element of the list is as the test says. An element, or a list, that is not yet known is undecided. */
export function expectNone(
  of: Value | undefined,
  path: string,
  { says, test }: { readonly says: string; readonly test: (element: Value) => boolean },
): readonly Verdict[] {
  const value = peekAt(of, path);
  const list = Array.isArray(value) ? (value as readonly Value[]) : [];
  if (list.some(test)) return [violation(`${path} ${says}`)];
  const unknown = firstUnknown(value);
  return unknown === undefined ? [] : [undecided(path, unknown)];
}
