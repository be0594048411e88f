import type { Attribute, Attributes, Json, Kind, Resource } from "../model.js";
import { sameValue } from "./same-value.js";
import { isValues, type Value, type Values } from "./value.js";

/**
 * State of an object as the server shows it. What it does not show (secrets, arguments of the providers alone, how the
 * parent was referred to) is as it was in `prior`; equal values keep their spelling.
 */
export function resourceState(
  resource: Resource,
  view: { readonly [name: string]: Json },
  prior: Values | null,
): Values {
  return objectState(resource.attributes, view, prior, resource.parent);
}

function objectState(
  attributes: Attributes,
  view: { readonly [name: string]: Json },
  prior: Values | null,
  parent?: string,
): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => {
      const before = prior?.[name] ?? null;
      if (name === parent) return [name, before ?? asValue(view[`${parent}_id`])];
      if (attribute.refersTo !== undefined) return [name, reference(view, name, before)];
      if (attribute.secret !== undefined) return [name, before];
      if (attribute.only !== undefined) return [name, before ?? absent(attribute)];
      return [name, attributeState(attribute, view[name], before)];
    }),
  );
}

/** As it was referred to, while that is the same object; else its id, which survives a new name. */
function reference(view: { readonly [name: string]: Json }, name: string, before: Value): Value {
  const id = view[`${name}_id`];
  if (before !== null && before !== "" && (before === view[name] || before === id)) return before;
  return asValue(id ?? view[name] ?? "");
}

function attributeState(attribute: Attribute, shown: Json | undefined, before: Value): Value {
  const { kind } = attribute;
  if (shown === undefined || shown === null) {
    // Of JSON, {} is none in other words.
    return kind.type === "json" && sameValue(kind, before, null) ? before : absent(attribute);
  }
  if (kind.type === "object" && typeof shown === "object" && !Array.isArray(shown)) {
    return objectState(kind.attributes, shown as { readonly [name: string]: Json }, isValues(before) ? before : null);
  }
  const value = shownKind(kind, shown);
  // The order of a set is the writer's.
  return sameValue(kind, before, value) ? before : value;
}

/** Only what the definition knows: a newer server may show more. */
function shownKind(kind: Kind, shown: Json): Value {
  if (kind.type === "object" && typeof shown === "object" && shown !== null && !Array.isArray(shown)) {
    return objectState(kind.attributes, shown as { readonly [name: string]: Json }, null);
  }
  if ((kind.type === "list" || kind.type === "set") && Array.isArray(shown)) {
    return shown.map((each: Json) => shownKind(kind.of, each));
  }
  if (kind.type === "map" && typeof shown === "object" && shown !== null && !Array.isArray(shown)) {
    return Object.fromEntries(Object.entries(shown).map(([name, each]) => [name, shownKind(kind.of, each)]));
  }
  return asValue(shown);
}

function absent({ presence }: Attribute): Value {
  return typeof presence === "object" ? asValue(presence.default) : null;
}

function asValue(value: Json | undefined): Value {
  return (value ?? null) as Value;
}
