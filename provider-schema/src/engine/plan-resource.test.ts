import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configOf, served } from "../../test/support/any-config.js";
import { SCHEMA } from "../schema.js";
import { planResource } from "./plan-resource.js";
import { UNKNOWN } from "./value.js";

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

  test("whose secret comes with the request shows none, made or rotated", () => {
    const made = planResource(token, { prior: null, config, bringsSecret: true }).planned;
    expect(made.secret).toBeNull();
    const rotated = planResource(token, {
      prior: { ...prior, secret: null },
      config: { ...config, rotation_keepers: { month: "2" } },
      bringsSecret: true,
    });
    expect(rotated.planned.secret).toBeNull();
  });

  test("with a secret of the user's own shows none", () => {
    expect(
      planResource(token, { prior: null, config: { ...config, own_secret: "x".repeat(32) } }).planned.secret,
    ).toBeNull();
  });
});
