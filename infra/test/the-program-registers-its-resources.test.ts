import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { inventoryOf, UNKNOWN } from "./support/inventory.js";
import { sampleConfig } from "./support/sample-config.js";

describe.each(LEVELS)("%s", (level) => {
  test("registers everything, with every input known once Google has answered", async () => {
    const { resources } = await inventoryOf(sampleConfig(level));
    expect(resources.length).toBeGreaterThan(100);
    expect(resources.filter(({ inputs }) => JSON.stringify(inputs).includes(UNKNOWN))).toEqual([]);
  });

  test("registers the same in a first preview, when nothing is known", async () => {
    const named = async (preview: boolean) =>
      (await inventoryOf(sampleConfig(level), { preview })).resources.map(({ urn }) => urn).sort();
    expect(await named(true)).toEqual(await named(false));
  });
});
