import fc from "fast-check";
import { resourceState } from "../../src/engine/resource-state.js";
import { UNKNOWN, type Value, type Values } from "../../src/engine/value.js";
import type { Attributes, Kind, Resource } from "../../src/model.js";

/** Any value of a kind, whether or not the server would take it. */
function anyOf(kind: Kind): fc.Arbitrary<Value> {
  switch (kind.type) {
    case "string":
      return kind.oneOf === undefined ? fc.string() : fc.constantFrom(...kind.oneOf);
    case "integer":
      return fc.integer({ min: kind.minimum ?? 0, max: kind.maximum ?? 1_000 });
    case "boolean":
      return fc.boolean();
    case "list":
      return fc.array(anyOf(kind.of), { maxLength: 3 });
    case "set":
      return fc.uniqueArray(anyOf(kind.of), { maxLength: 3 });
    case "map":
      return fc.dictionary(fc.string({ minLength: 1 }), anyOf(kind.of), { maxKeys: 3 });
    case "object":
      return configOf(kind.attributes);
    case "json":
      return fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>;
  }
}

/** Any configuration of these attributes. */
export function configOf(attributes: Attributes): fc.Arbitrary<Values> {
  const written = Object.entries(attributes).filter(([, { presence }]) => presence !== "computed");
  return fc.record(
    Object.fromEntries(
      written.map(([name, { kind, presence }]) => [
        name,
        presence === "required" ? anyOf(kind) : fc.option(anyOf(kind), { nil: null }),
      ]),
    ),
  );
}

/** The object as a server would show it that took the plan. */
export function served(resource: Resource, planned: Values): Values {
  const view = Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, value === UNKNOWN ? `made ${name}` : value]),
  );
  const state = resourceState(resource, view as never, planned);
  return { ...state, ...(planned.secret === UNKNOWN ? { secret: "made secret" } : {}) };
}
