import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { KINDS } from "../policy/kinds.js";
import { RULES } from "../policy/rules.js";
import { makePolicyProject, type PolicyProject } from "./support/policy-project.js";

const PRODUCTION = fileURLToPath(new URL("../policy/prod.json", import.meta.url));
const LONG = { timeout: 300_000 };

const PUBLIC_DATABASE = {
  type: KINDS.databaseInstance,
  name: "relay",
  set: { "settings.ipConfiguration.ipv4Enabled": true },
};

function textOf(id: string): { readonly why: string; readonly fix: string } {
  const rule = RULES.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}

/** Ids of rules that a run tells of as mandatory or advisory. */
function told(run: { readonly stdout: string }, level: "mandatory" | "advisory"): readonly string[] {
  const lines = run.stdout.matchAll(new RegExp(`\\[${level}\\] +(\\S+)`, "g"));
  return [...new Set([...lines].map(([, id = ""]) => id))].sort();
}

describePulumi("the policy pack, as pulumi preview --policy-pack runs it on the program", (engine) => {
  let prod: PolicyProject;
  let dev: PolicyProject;

  beforeAll(async () => {
    prod = await makePolicyProject(engine, "prod");
    dev = await makePolicyProject(engine, "dev");
  }, 120_000);
  afterAll(async () => {
    await prod?.close();
    await dev?.close();
  });

  test("lets prod pass, and remarks what it cannot tell before anything is made", LONG, async () => {
    const run = await prod.preview({ config: PRODUCTION });
    expect(told(run, "mandatory")).toEqual([]);
    expect(told(run, "advisory")).toContain("backup-plan-locked");
    expect(run.text).toContain("can't be known during preview");
    expect(run.exitCode).toBe(0);
  });

  test("threat: the database is made public; the rule for it says why not and what to do", LONG, async () => {
    const id = "gcp-6.6-database-no-public-address";
    const run = await prod.preview({ config: PRODUCTION, change: PUBLIC_DATABASE });
    expect(run.exitCode).not.toBe(0);
    expect(told(run, "mandatory")).toEqual([id]);
    expect(run.text).toContain("settings.ipConfiguration.ipv4Enabled is true, but has to be false.");
    expect(run.text).toContain(`Why: ${textOf(id).why} What to do: ${textOf(id).fix}`);
  });

  test("fails on what resources leave open together", LONG, async () => {
    const change = { type: KINDS.firewall, name: "relay-deny-ingress", set: { sourceRanges: ["10.0.0.0/8"] } };
    const run = await prod.preview({ config: PRODUCTION, change });
    expect(run.exitCode).not.toBe(0);
    expect(told(run, "mandatory")).toEqual(["firewall-denies-by-default"]);
  });

  test("warns of what the level dev leaves out, and fails on it with prod.json", LONG, async () => {
    const cheap = await dev.preview();
    expect(told(cheap, "mandatory")).toEqual([]);
    expect(told(cheap, "advisory")).toContain("database-regional");
    expect(cheap.exitCode).toBe(0);
    const production = await dev.preview({ config: PRODUCTION });
    expect(production.exitCode).not.toBe(0);
    expect(told(production, "mandatory")).toContain("database-regional");
  });

  test("stops an up before a resource that breaks a rule is made", LONG, async () => {
    const change = { type: KINDS.network, name: "relay", set: { autoCreateSubnetworks: true } };
    const run = await dev.up({ change });
    expect(run.exitCode).not.toBe(0);
    expect(told(run, "mandatory")).toEqual(["network-custom-mode"]);
    expect(await dev.resourceTypes()).not.toContain(KINDS.network);
  });
});
