import { describe, expect, test } from "vitest";
import { judge } from "../policy/core/judge.js";
import { RULES } from "../policy/rules.js";
import { goodInventory as inventory } from "./support/good-inventory.js";
import { inventoryResources } from "./support/inventory-resources.js";
import { mutateInventory } from "./support/mutate-inventory.js";
import { policyMutations } from "./support/policy-mutations.js";

function told({ breakage }: (typeof policyMutations)[number]): string {
  const where = breakage.of.split(/[:/]/).at(-1);
  if (breakage.kind === "change") return `${where} with ${Object.keys(breakage.set).join(", ")} changed`;
  return `${where}: ${breakage.kind}`;
}

describe("a program that is good but for one thing is refused by the rule for it, and by no other", () => {
  test.each(policyMutations.map((mutation) => ({ ...mutation, told: told(mutation) })))("$rule: $told", (mutation) => {
    const resources = inventoryResources(mutateInventory(inventory, mutation.breakage));
    const findings = judge(RULES, resources);
    expect(findings.filter(({ verdict }) => verdict.kind === "undecided")).toEqual([]);
    expect([...new Set(findings.map(({ rule }) => rule))].sort()).toEqual([mutation.rule, ...mutation.also].sort());
  });
});

test("every rule is shown to bite", () => {
  const shown = new Set(policyMutations.map(({ rule }) => rule));
  expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
});
