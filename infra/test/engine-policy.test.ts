import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { KINDS } from "../policy/kinds.js";
import { RULES } from "../policy/rules.js";
import { goodInventory as inventory } from "./support/good-inventory.js";
import { mutateInventory } from "./support/mutate-inventory.js";
import { makePolicyProject, type PolicyProject } from "./support/policy-project.js";

const PRODUCTION = fileURLToPath(new URL("../policy/prod.json", import.meta.url));

function textOf(id: string): { readonly why: string; readonly fix: string } {
  const rule = RULES.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}

describePulumi("the policy pack, as pulumi preview --policy-pack runs it", (engine) => {
  let project: PolicyProject;

  beforeAll(async () => {
    project = await makePolicyProject(engine);
  }, 120_000);
  afterAll(() => project?.close());

  test("lets a good program pass, and remarks what it cannot tell in a preview", { timeout: 300_000 }, async () => {
    const run = await project.preview(inventory, PRODUCTION);
    expect(run.stdout).not.toContain("[mandatory]");
    expect(run.stdout).toContain(
      "[advisory] gke-5.5.1-container-optimized-os (gcp:container:NodePool: pool)"
        .replaceAll(" (", "  (")
        .replace("] ", "]  "),
    );
    expect(run.text).toContain("string value at .nodeConfig can't be known during preview");
    expect(run.exitCode).toBe(0);
  });

  test("fails on a resource that breaks a rule, and says which, why and what to do", { timeout: 300_000 }, async () => {
    const id = "gcp-6.6-database-no-public-address";
    const set = { "settings.ipConfiguration.ipv4Enabled": true };
    const run = await project.preview(mutateInventory(inventory, { kind: "change", of: KINDS.databaseInstance, set }));
    expect(run.exitCode).not.toBe(0);
    expect(run.stdout.match(/\[mandatory\] +(\S+)/g)).toEqual([`[mandatory]  ${id}`]);
    expect(run.text).toContain("settings.ipConfiguration.ipv4Enabled is true, but has to be false.");
    expect(run.text).toContain(`Why: ${textOf(id).why} What to do: ${textOf(id).fix}`);
  });

  test("fails on resources that do not fit each other", { timeout: 300_000 }, async () => {
    const run = await project.preview(
      mutateInventory(inventory, {
        kind: "remove",
        of: KINDS.keyMember,
        where: ({ member }) => /sql/.test(`${member}`),
      }),
    );
    expect(run.exitCode).not.toBe(0);
    expect(run.stdout.match(/\[mandatory\] +(\S+)/g)).toEqual(["[mandatory]  key-consumers-after-their-grant"]);
    expect(run.text).toContain("its key is not granted to the agent gcp-sa-cloud-sql.");
  });

  test("warns of what the level dev leaves out, and fails on it with prod.json", { timeout: 300_000 }, async () => {
    const cheap = mutateInventory(inventory, {
      kind: "change",
      of: KINDS.databaseInstance,
      set: { "settings.availabilityType": "ZONAL" },
    });
    const dev = await project.preview(cheap);
    expect(dev.exitCode).toBe(0);
    expect(dev.stdout).toContain("[advisory]  database-regional");
    const production = await project.preview(cheap, PRODUCTION);
    expect(production.exitCode).not.toBe(0);
    expect(production.stdout).toContain("[mandatory]  database-regional");
  });

  test("stops an up before a resource that breaks a rule is made", { timeout: 300_000 }, async () => {
    const set = { "settings.ipConfiguration.ipv4Enabled": true };
    const run = await project.up(mutateInventory(inventory, { kind: "change", of: KINDS.databaseInstance, set }));
    expect(run.exitCode).not.toBe(0);
    expect(await project.resourceTypes()).not.toContain(KINDS.databaseInstance);
  });
});
