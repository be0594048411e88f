import { describe, expect, test } from "vitest";
import { judge } from "../policy/core/judge.js";
import type { Verdict } from "../policy/core/verdict.js";
import { RULES } from "../policy/rules.js";
import { completeProgram } from "./support/complete-program.js";
import { type InventoryEntry, inventoryResources } from "./support/inventory-resources.js";
import { mutateInventory } from "./support/mutate-inventory.js";
import { policyMutations } from "./support/policy-mutations.js";

function told({ breakage }: (typeof policyMutations)[number]): string {
  const where = breakage.of.split(/[:/]/).at(-1);
  if (breakage.kind === "change") return `${where} with ${Object.keys(breakage.set).join(", ")} changed`;
  return `${where}: ${breakage.kind}`;
}

const programs = { prod: await completeProgram("prod"), locked: await completeProgram("locked") };

/** Rules that find something in an inventory, and those that cannot tell. */
function findings(inventory: readonly InventoryEntry[]) {
  const all = judge(RULES, inventoryResources(inventory));
  const of = (kind: Verdict["kind"]) =>
    new Set(all.filter(({ verdict }) => verdict.kind === kind).map(({ rule }) => rule));
  return { wrong: of("violation"), undecided: of("undecided") };
}

const sound = { prod: findings(programs.prod.resources), locked: findings(programs.locked.resources) };

describe("the program broken in one way is refused by the rule for it, and by no other", () => {
  test.each(policyMutations.map((mutation) => ({ ...mutation, told: told(mutation) })))("$rule: $told", (mutation) => {
    const { level = "prod" } = mutation;
    const broken = findings(mutateInventory(programs[level].resources, mutation.breakage));
    expect([...broken.undecided]).toEqual([]);
    // What is found in the program as it is (see policy-the-program-passes) stays found.
    const other = RULES.map(({ id }) => id).filter((id) => broken.wrong.has(id) !== sound[level].wrong.has(id));
    expect(other.sort()).toEqual([mutation.rule, ...mutation.also].sort());
  });
});

test("every rule is shown to bite", () => {
  const shown = new Set(policyMutations.map(({ rule }) => rule));
  expect(RULES.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
});
