import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Attributes, Kind, Resource } from "../model.js";
import { SCHEMA } from "../schema.js";
import { planResource } from "./plan-resource.js";
import { resourceState } from "./resource-state.js";
import { UNKNOWN, type Value, type Values } from "./value.js";

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
  }
}

function configOf(attributes: Attributes): fc.Arbitrary<Values> {
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
function served(resource: Resource, planned: Values): Values {
  const view = Object.fromEntries(
    Object.entries(planned).map(([name, value]) => [name, value === UNKNOWN ? `made ${name}` : value]),
  );
  const state = resourceState(resource, view as never, planned);
  return { ...state, ...(planned.secret === UNKNOWN ? { secret: "made secret" } : {}) };
}

describe.each(SCHEMA.resources)("a plan of $name", (resource) => {
  const config = configOf(resource.attributes);

  test("is known whole once it is carried out, and then there is nothing left to do", () => {
    fc.assert(
      fc.property(config, (written) => {
        const { planned } = planResource(resource, { prior: null, config: written });
        const state = served(resource, planned);
        expect(Object.values(state)).not.toContain(UNKNOWN);
        for (const [name, value] of Object.entries(planned)) if (value !== UNKNOWN) expect(state[name]).toEqual(value);
        const again = planResource(resource, { prior: state, config: written });
        expect(again).toEqual({ planned: state, changed: [], replaces: [] });
      }),
    );
  });

  test("keeps what is written as it is written", () => {
    fc.assert(
      fc.property(config, fc.option(config, { nil: null }), (written, before) => {
        const prior =
          before === null ? null : served(resource, planResource(resource, { prior: null, config: before }).planned);
        const { planned } = planResource(resource, { prior, config: written });
        for (const [name, { kind }] of Object.entries(resource.attributes)) {
          const value = written[name] ?? null;
          if (value !== null && kind.type !== "object") expect(planned[name]).toEqual(value);
        }
      }),
    );
  });

  test("another parent takes another object, the same one written differently does not", () => {
    if (resource.parent === undefined) return;
    const { parent } = resource;
    const first = { name: "a", [parent]: "one", destination: "http://a/" };
    const prior = served(resource, planResource(resource, { prior: null, config: first }).planned);
    const second = { ...first, [parent]: "two" };
    const replaced = planResource(resource, { prior, config: second });
    expect(replaced.replaces).toEqual([[parent]]);
    expect(replaced.planned.id).toBe(UNKNOWN);
    const same = planResource(resource, { prior, config: second, sameParent: true });
    expect(same.replaces).toEqual([]);
    expect(same.planned.id).toBe(prior.id);
  });
});

describe("a token", () => {
  const token = SCHEMA.resources.find(({ name }) => name === "token");
  if (token === undefined) throw new Error("there are tokens");
  const config = { name: "ci", rotation_keepers: { month: "1" } };
  const prior = served(token, planResource(token, { prior: null, config }).planned);

  test("gets a new secret when its keepers change, and only then", () => {
    const rotated = planResource(token, { prior, config: { ...config, rotation_keepers: { month: "2" } } });
    expect(rotated.planned).toMatchObject({ id: prior.id, secret: UNKNOWN });
    const changed = planResource(token, { prior, config: { ...config, description: "new" } });
    expect(changed.planned.secret).toBe("made secret");
  });

  test("gets a secret from the server when people no longer bring their own", () => {
    const own = { ...prior, own_secret: "x".repeat(32), secret: null };
    expect(planResource(token, { prior: own, config }).planned.secret).toBe(UNKNOWN);
  });

  test("with a secret of the user's own shows none", () => {
    expect(
      planResource(token, { prior: null, config: { ...config, own_secret: "x".repeat(32) } }).planned.secret,
    ).toBeNull();
  });
});
