import type { Attribute, Attributes, Json, Kind } from "../model.js";
import { canonicalJson } from "./canonical-json.js";
import { declaredValue } from "./declared-values.js";
import { hideSecrets } from "./hide-secrets.js";
import type { PlannedAttribute } from "./plan.js";
import { isValues, type Values } from "./values.js";

/** Whether a given secret is another than the one kept at that path. */
export type SecretDiffers = (path: string, given: string) => boolean;

/**
 * What differs between two values of an object, in the form of `declaredValues`, attribute by attribute: objects are taken
 * apart, maps key by key, the order of a set does not matter. A secret that is not given is kept, and is no difference.
 */
export function attributeChanges(
  attributes: Attributes,
  before: Values,
  after: Values,
  secretDiffers: SecretDiffers,
): PlannedAttribute[] {
  return changesAt(attributes, before, after, { secretDiffers, at: "", replaces: false });
}

/** What an object is made with, beyond its defaults. */
export function createdAttributes(attributes: Attributes, values: Values): PlannedAttribute[] {
  return attributeChanges(attributes, defaults(attributes), values, () => true).map(
    ({ before: _, replaces: __, ...rest }) => rest,
  );
}

interface Where {
  readonly secretDiffers: SecretDiffers;
  readonly at: string;
  /** Whether what holds these attributes is immutable. */
  readonly replaces: boolean;
}

function defaults(attributes: Attributes): Values {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const value = declaredValue(attribute, undefined);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function changesAt(attributes: Attributes, before: Values, after: Values, where: Where): PlannedAttribute[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const at = where.at === "" ? name : `${where.at}.${name}`;
    const replaces = where.replaces || attribute.immutable === true;
    return changesOf(attribute, before[name], after[name], { ...where, at, replaces });
  });
}

function changesOf(
  attribute: Attribute,
  before: Json | undefined,
  after: Json | undefined,
  where: Where,
): PlannedAttribute[] {
  const { at, replaces } = where;
  const because = replaces ? { replaces: true as const } : {};
  if (attribute.secret !== undefined && attribute.kind.type === "map") {
    return isValues(after) ? secretMapChanges(isValues(before) ? before : {}, after, where) : [];
  }
  if (attribute.secret !== undefined) {
    return typeof after === "string" && where.secretDiffers(at, after) ? [{ path: at, secret: true, ...because }] : [];
  }
  const { kind } = attribute;
  if (kind.type === "object" && isValues(before ?? {}) && isValues(after ?? {})) {
    const inside = changesAt(kind.attributes, (before ?? {}) as Values, (after ?? {}) as Values, where);
    // An object that comes or goes with nothing in it is a difference all the same.
    if (inside.length > 0 || (before === undefined) === (after === undefined)) return inside;
  }
  if (kind.type === "map" && isValues(before) && isValues(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .sort()
      .flatMap((key) => leaf(`${at}.${key}`, own(before, key), own(after, key), because));
  }
  return kind.type === "json" ? jsonChange(kind, leaf(at, before, after, because)) : leaf(at, before, after, because);
}

/** Without its secrets. Where nothing else differs, one of them does. */
function jsonChange(kind: Kind, changes: PlannedAttribute[]): PlannedAttribute[] {
  return changes.map(({ before, after, ...rest }) => {
    const was = before === undefined ? undefined : hideSecrets(kind, before);
    const is = after === undefined ? undefined : hideSecrets(kind, after);
    if (was !== undefined && is !== undefined && canonicalJson(was) === canonicalJson(is))
      return { ...rest, secret: true };
    return { ...rest, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
  });
}

/** Of a map that is given all is said: what it does not name is taken away. `before` holds the names alone. */
function secretMapChanges(before: Values, after: Values, { at, secretDiffers }: Where): PlannedAttribute[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((key) => {
    const given = own(after, key);
    const differs = typeof given !== "string" || own(before, key) === undefined || secretDiffers(`${at}.${key}`, given);
    return differs ? [{ path: `${at}.${key}`, secret: true as const }] : [];
  });
}

/** A key may be a name that every object has. */
function own(values: Values, key: string): Json | undefined {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function leaf(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  because: { replaces?: true },
): PlannedAttribute[] {
  const same =
    before === undefined || after === undefined ? before === after : canonicalJson(before) === canonicalJson(after);
  if (same) return [];
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }), ...because }];
}
