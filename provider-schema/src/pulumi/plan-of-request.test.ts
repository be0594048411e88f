import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configOf, served } from "../../test/support/any-config.js";
import { planResource } from "../engine/plan-resource.js";
import type { Value, Values } from "../engine/value.js";
import { SCHEMA } from "../schema.js";
import { detailedDiff } from "./detailed-diff.js";
import { planOfRequest } from "./plan-of-request.js";
import { encodeInputs, encodeState } from "./resource-properties.js";
import { Struct } from "./wire/generated/pulumi_provider.js";
import { parsePropertyPath } from "./wire/property-path.js";

const overTheWire = (sent: Struct): Struct => Struct.decode(Struct.encode(sent).finish());

describe.each(SCHEMA.resources)("what an engine asks of a $name", (resource) => {
  const { parent } = resource;
  const planned = (config: Values) => planResource(resource, { prior: null, config }).planned;
  const inputs = (config: Values) =>
    overTheWire(encodeInputs(resource, planned(config), { secrets: [], autonamed: false }));
  const requested = (before: Values, after: Values) => {
    const state = served(resource, planned(before));
    return planOfRequest(
      resource,
      {
        id: String(state.id),
        olds: overTheWire(encodeState(resource, state, [])),
        oldInputs: inputs(before),
        news: inputs(after),
        ignoreChanges: [],
      },
      () => {
        throw new Error("nothing is to be asked");
      },
    );
  };

  test("is nothing when nothing changed", async () => {
    await fc.assert(
      fc.asyncProperty(configOf(resource.attributes), async (config) => {
        const { plan } = await requested(config, config);
        expect(plan.changed).toEqual([]);
        expect(plan.replaces).toEqual([]);
      }),
    );
  });

  test("is what the plan of both providers says, each change at a way that can be read back", async () => {
    const both = fc.tuple(configOf(resource.attributes), configOf(resource.attributes));
    await fc.assert(
      fc.asyncProperty(both, async ([before, after]) => {
        // Whether another parent is the same one is the server's to say.
        const same: Value = parent === undefined ? null : (before[parent] ?? null);
        const moved: Values = parent === undefined ? after : { ...after, [parent]: same };
        const { prior, plan } = await requested(before, moved);
        const direct = planResource(resource, { prior: served(resource, planned(before)), config: moved });
        expect(plan.changed).toEqual(direct.changed);
        expect(plan.planned).toEqual(direct.planned);
        const diff = detailedDiff(resource.attributes, { prior, ...plan });
        expect(diff.size > 0).toBe(plan.changed.length > 0);
        for (const path of diff.keys()) expect(parsePropertyPath(path)).toBeDefined();
      }),
    );
  });
});
