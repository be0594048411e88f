import { expect, test } from "vitest";
import { judge } from "../policy/core/judge.js";
import { RULES } from "../policy/rules.js";
import { goodInventory } from "./support/good-inventory.js";
import { inventoryResources } from "./support/inventory-resources.js";

test("no rule finds anything in a good program", () => {
  expect(judge(RULES, inventoryResources(goodInventory))).toEqual([]);
});
