import { beforeAll, describe, expect, test } from "vitest";
import { UNKNOWN, type Values } from "../../provider-schema/src/engine/value.js";
import type { Problem } from "./stand-ins/protocol/stand-in.js";
import { checkValues } from "./stand-ins/typings/check-values.js";
import { type NestedTypes, PackageTypings } from "./stand-ins/typings/package-typings.js";

describe("values are checked against the typings of a provider's package", () => {
  const typings = new PackageTypings("gcp");
  let nested: NestedTypes;
  beforeAll(async () => {
    nested = await typings.nested();
  }, 60_000);

  async function problems(token: string, values: Values): Promise<Problem[]> {
    const typing = await typings.typing(token);
    if (typing === undefined) throw new Error(`there is no ${token}`);
    return checkValues(values, typing.inputs, nested.input);
  }

  const DATABASE = "gcp:sql/databaseInstance:DatabaseInstance";

  test("which may be right", async () => {
    const ipConfiguration = { ipv4Enabled: false, authorizedNetworks: [{ value: "10.0.0.0/8" }] };
    const settings = { tier: "db-custom-2-7680", userLabels: { app: "relay" }, ipConfiguration };
    expect(await problems(DATABASE, { databaseVersion: "POSTGRES_17", settings })).toEqual([]);
  });

  test("or not be known yet", async () => {
    const settings: Values = { tier: UNKNOWN, ipConfiguration: UNKNOWN };
    expect(await problems(DATABASE, { databaseVersion: UNKNOWN, settings })).toEqual([]);
  });

  test.each<[wrong: string, token: string, values: Values, problem: string]>([
    [
      "a property that there is not",
      DATABASE,
      { databaseVersion: "x", regoin: "y" },
      "regoin: there is no such property",
    ],
    [
      "one that there is not within another",
      DATABASE,
      { databaseVersion: "x", settings: { tier: "x", availability: "REGIONAL" } },
      "settings.availability: there is no such property; there is availabilityType",
    ],
    ["a missing one", DATABASE, {}, "databaseVersion: a value is required"],
    [
      "a missing one in a list",
      DATABASE,
      { databaseVersion: "x", settings: { tier: "x", ipConfiguration: { authorizedNetworks: [{}] } } },
      "settings.ipConfiguration.authorizedNetworks.0.value: a value is required",
    ],
    [
      "another type",
      DATABASE,
      { databaseVersion: "x", deletionProtection: "yes" },
      "deletionProtection: a string instead of a boolean",
    ],
    [
      "one value for a list",
      "gcp:compute/firewall:Firewall",
      { network: "n", sourceRanges: "x" },
      "sourceRanges: a string instead of a list",
    ],
    [
      "a text that is none of those listed",
      "gcp:compute/globalAddress:GlobalAddress",
      { addressType: "SECRET" },
      '"SECRET" is none of EXTERNAL, INTERNAL',
    ],
  ])("and %s is found", async (_, token, values, problem) => {
    const [first, ...more] = await problems(token, values);
    expect(`${first?.path.join(".")}: ${first?.reason}`).toContain(problem);
    expect(more).toEqual([]);
  });

  test("what a resource has, and a function takes and answers, is known, too", async () => {
    const network = await typings.typing("gcp:compute/network:Network");
    expect(network?.outputs.selfLink).toEqual({ type: "string", optional: false });
    const getProject = await typings.typing("gcp:organizations/getProject:getProject");
    expect(getProject?.inputs.projectId).toEqual({ type: "string", optional: true });
    expect(getProject?.outputs.number).toEqual({ type: "string", optional: false });
    expect(await typings.typing("gcp:compute/nothing:Nothing")).toBeUndefined();
  });
});
