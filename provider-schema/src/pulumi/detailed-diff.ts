import type { Path } from "../engine/problem.js";
import { sameValue } from "../engine/same-value.js";
import { isValues, type Value, type Values } from "../engine/value.js";
import type { Attribute, Attributes, Kind } from "../model.js";
import { propertyPath } from "./property-values.js";
import { DiffKind, type PropertyDiff } from "./wire/generated/pulumi_provider.js";
import { formatPropertyPath } from "./wire/property-path.js";

type Change = "add" | "delete" | "update";

const KINDS: Readonly<Record<Change, readonly [inPlace: DiffKind, replaces: DiffKind]>> = {
  add: [DiffKind.DIFF_KIND_UNSPECIFIED, DiffKind.DIFF_KIND_ADD_REPLACE],
  delete: [DiffKind.DIFF_KIND_DELETE, DiffKind.DIFF_KIND_DELETE_REPLACE],
  update: [DiffKind.DIFF_KIND_UPDATE, DiffKind.DIFF_KIND_UPDATE_REPLACE],
};

/**
 * The changes of a plan by the way to each: attributes, keys of maps, elements of lists by position, of sets by what they
 * are.
 */
export function detailedDiff(
  attributes: Attributes,
  {
    prior,
    planned,
    changed,
    replaces,
  }: { prior: Values; planned: Values; changed: readonly Path[]; replaces: readonly Path[] },
): Map<string, PropertyDiff> {
  const diffs = changed.flatMap((path): [string, PropertyDiff][] => {
    const attribute = attributeAt(attributes, path);
    if (attribute === undefined) return [];
    const replacing = replaces.some((each) => each.length === path.length && each.every((step, i) => step === path[i]));
    return changes(attribute.kind, valueAt(prior, path), valueAt(planned, path)).map(({ below, change }) => [
      formatPropertyPath(propertyPath(attributes, [...path, ...below])),
      // A given secret is no part of the state.
      { kind: KINDS[change][replacing ? 1 : 0], inputDiff: attribute.secret === "given" },
    ]);
  });
  return new Map(diffs);
}

function attributeAt(attributes: Attributes, [name, ...rest]: Path): Attribute | undefined {
  const attribute = attributes[String(name)];
  if (rest.length === 0 || attribute?.kind.type !== "object") return attribute;
  return attributeAt(attribute.kind.attributes, rest);
}

function valueAt(values: Values, path: Path): Value {
  return path.reduce<Value>((value, step) => (isValues(value) ? (value[String(step)] ?? null) : null), values);
}

interface ChangeBelow {
  readonly below: Path;
  readonly change: Change;
}

function changes(kind: Kind, before: Value, after: Value): ChangeBelow[] {
  if (kind.type === "map" && isValues(before) && isValues(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const old: Value = before[name] ?? null;
      const now: Value = after[name] ?? null;
      return sameValue(kind.of, old, now) ? [] : [{ below: [name], change: changeOf(old, now) }];
    });
  }
  if (kind.type === "list" && Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i).flatMap((i) => {
      const old: Value = before[i] ?? null;
      const now: Value = after[i] ?? null;
      return sameValue(kind.of, old, now) ? [] : [{ below: [i], change: changeOf(old, now) }];
    });
  }
  if (kind.type === "set" && Array.isArray(before) && Array.isArray(after)) return setChanges(kind.of, before, after);
  return [{ below: [], change: changeOf(before, after) }];
}

/** What left is told by its place of before, what came by its place of now; one place may have seen both. */
function setChanges(of: Kind, before: readonly Value[], after: readonly Value[]): ChangeBelow[] {
  const missing = (from: readonly Value[], all: readonly Value[]) =>
    all.flatMap((each, i) => (from.some((one) => sameValue(of, one, each)) ? [] : [i]));
  const [gone, come] = [missing(after, before), missing(before, after)];
  return [...new Set([...gone, ...come])].map((i) => ({
    below: [i],
    change: !come.includes(i) ? "delete" : gone.includes(i) ? "update" : "add",
  }));
}

function changeOf(before: Value, after: Value): Change {
  if (before === null) return "add";
  return after === null ? "delete" : "update";
}
