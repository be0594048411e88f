import type { Attribute, Attributes, Json, Kind, Resource } from "../model.js";
import type { Path } from "./problem.js";
import { sameValue } from "./same-value.js";
import { isValues, UNKNOWN, type Value, type Values } from "./value.js";

/** What an object will be. */
export interface ResourcePlan {
  readonly planned: Values;
  /** Attributes that differ from what is; empty: there is nothing to do. */
  readonly changed: readonly Path[];
  /** Those because of which another object must take its place. */
  readonly replaces: readonly Path[];
}

export interface PlanInput {
  /** State of the object there is; null when it is to be made. */
  readonly prior: Values | null;
  /** What people wrote: null for what they did not. */
  readonly config: Values;
  /** Two references to one parent, written differently: by id and by name. */
  readonly sameParent?: boolean;
  /** A secret of the user's own comes with the request that carries the plan out, and is not in the configuration here. */
  readonly bringsSecret?: boolean;
}

/**
 * What becomes of an object by a configuration: what is set stays as written, absent values take their defaults, what the
 * server tells is known again or unknown until it has told.
 */
export function planResource(
  resource: Resource,
  { prior, config, sameParent = false, bringsSecret = false }: PlanInput,
): ResourcePlan {
  const written = plannedObject(resource.attributes, config);
  const changed = prior === null ? [] : differences(resource.attributes, prior, written);
  const replaces = changed.filter(([name]) => {
    const attribute = resource.attributes[String(name)];
    return attribute?.immutable === true && !(name === resource.parent && sameParent);
  });
  const makes = prior === null || replaces.length > 0;
  const planned: Values = Object.fromEntries(
    Object.entries(resource.attributes).map(([name, attribute]): [string, Value] => [
      name,
      attribute.presence === "computed"
        ? computed(attribute, name, { prior: makes ? null : prior, written, changed, bringsSecret })
        : (written[name] ?? null),
    ]),
  );
  return { planned, changed, replaces };
}

/** What people wrote, with the defaults of what they did not; without what the server tells. */
function plannedObject(attributes: Attributes, config: Values): Values {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { presence }]) => presence !== "computed")
      .map(([name, attribute]) => [name, plannedValue(attribute, config[name] ?? null)]),
  );
}

function plannedValue({ presence, kind }: Attribute, value: Value): Value {
  if (value === UNKNOWN) return UNKNOWN;
  if (value === null && typeof presence === "object") return plannedKind(kind, presence.default as Value);
  return plannedKind(kind, value);
}

function plannedKind(kind: Kind, value: Value): Value {
  return kind.type === "object" && isValues(value) ? plannedObject(kind.attributes, value) : value;
}

function computed(
  attribute: Attribute,
  name: string,
  {
    prior,
    written,
    changed,
    bringsSecret,
  }: { prior: Values | null; written: Values; changed: readonly Path[]; bringsSecret: boolean },
): Value {
  if (attribute.secret === "shown-once") return bringsSecret ? null : shownOnce(name, prior, written, changed);
  if (prior === null) return UNKNOWN;
  // A state of an older version may lack it.
  if (prior[name] === undefined) return changed.length === 0 ? null : UNKNOWN;
  return attribute.stable || changed.length === 0 ? prior[name] : UNKNOWN;
}

/** The server makes a secret with the object and by each rotation, unless people bring their own. */
function shownOnce(name: string, prior: Values | null, written: Values, changed: readonly Path[]): Value {
  if (written.own_secret === UNKNOWN) return UNKNOWN;
  if ((written.own_secret ?? null) !== null) return null;
  if (prior === null || changed.some(([path]) => path === "rotation_keepers")) return UNKNOWN;
  // Where people no longer bring their own, the server makes one.
  if (changed.some(([path]) => path === "own_secret")) return UNKNOWN;
  return prior[name] ?? null;
}

/** Ways to the written attributes that differ, objects taken apart. Null where people cannot read back is no difference. */
function differences(attributes: Attributes, prior: Values, written: Values, at: Path = []): Path[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    if (attribute.presence === "computed") return [];
    const before = priorValue(attribute, prior[name]);
    const after = written[name] ?? null;
    if (attribute.kind.type === "object" && isValues(before) && isValues(after)) {
      return differences(attribute.kind.attributes, before, after, [...at, name]);
    }
    return sameValue(attribute.kind, before, after) ? [] : [[...at, name]];
  });
}

/** A state written before the attribute existed means its default. */
function priorValue({ presence }: Attribute, value: Value | undefined): Value {
  if (value !== undefined) return value;
  return typeof presence === "object" ? (presence.default as Json as Value) : null;
}
