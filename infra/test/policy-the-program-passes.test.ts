import { describe, expect, test } from "vitest";
import type { Level } from "../config/level.js";
import { judge } from "../policy/core/judge.js";
import type { Verdict } from "../policy/core/verdict.js";
import { RULES } from "../policy/rules.js";
import { completeProgram } from "./support/complete-program.js";
import type { InventoryOptions } from "./support/inventory.js";
import { inventoryResources } from "./support/inventory-resources.js";
import { programOf } from "./support/program.js";

const LEVEL_OF = new Map(RULES.map(({ id, level }) => [id, level]));

/** What the program leaves out where nobody asks for it, and why. */
const LEFT_OUT = {
  "gke-5.8.3-groups-for-rbac":
    "The group is one of your directory: the setting securityGroup names it, and locked asks for it.",
  "autoscaler-by-load-of-the-relay":
    "It needs an adapter in the cluster: the setting agentsPerReplica is for those who have it.",
  "backup-plan-locked": "Nobody can ever take it back: the level locked does it.",
  "node-pool-with-sandbox": "No code of users runs yet.",
} as const;

async function found(
  kind: Verdict["kind"],
  level: Level,
  settings: Readonly<Record<string, string | undefined>> = {},
  options: InventoryOptions = {},
): Promise<readonly string[]> {
  const { resources } = await programOf(level, settings, options);
  const findings = judge(RULES, inventoryResources(resources)).filter(({ verdict }) => verdict.kind === kind);
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

const VARIANTS = [
  {
    title: "prod",
    level: "prod",
    settings: {},
    leftOut: [
      "autoscaler-by-load-of-the-relay",
      "backup-plan-locked",
      "gke-5.8.3-groups-for-rbac",
      "node-pool-with-sandbox",
    ],
  },
  {
    title: "prod on Autopilot, which has no node pools",
    level: "prod",
    settings: { autopilot: "true" },
    leftOut: ["autoscaler-by-load-of-the-relay", "backup-plan-locked", "gke-5.8.3-groups-for-rbac"],
  },
  {
    title: "prod without a zone of its own",
    level: "prod",
    settings: { manageDns: "false", publicDestinations: "false", githubRepository: undefined },
    leftOut: [
      "autoscaler-by-load-of-the-relay",
      "backup-plan-locked",
      "gke-5.8.3-groups-for-rbac",
      "node-pool-with-sandbox",
    ],
  },
  {
    title: "prod before its first image",
    level: "prod",
    settings: { image: undefined, proxyImage: undefined },
    leftOut: ["backup-plan-locked", "gke-5.8.3-groups-for-rbac", "node-pool-with-sandbox"],
  },
  {
    title: "locked",
    level: "locked",
    settings: {},
    leftOut: ["autoscaler-by-load-of-the-relay", "node-pool-with-sandbox"],
  },
] as const satisfies readonly {
  title: string;
  level: Level;
  settings: Readonly<Record<string, string | undefined>>;
  leftOut: readonly (keyof typeof LEFT_OUT)[];
}[];

describe.each(VARIANTS)("$title", ({ level, settings, leftOut }) => {
  test("passes the policy pack, but for what is left out on purpose", async () => {
    expect(await found("violation", level, settings)).toEqual(leftOut);
    expect(await found("undecided", level, settings)).toEqual([]);
  });

  test("passes it in a first preview, too, which leaves open what it cannot tell", async () => {
    const first = { preview: true };
    const wrong = await found("violation", level, settings, first);
    expect(wrong.filter((rule) => !(leftOut as readonly string[]).includes(rule))).toEqual([]);
    for (const rule of await found("undecided", level, settings, first))
      expect(OPEN_IN_A_FIRST_PREVIEW).toContain(rule);
  });
});

/** Rules that wait for an `up`: for addresses of accounts and names of what is not made yet. */
const OPEN_IN_A_FIRST_PREVIEW = [
  "alert-by-prometheus",
  "alerts-cover-what-fails",
  "deployment-replicas",
  "gcp-1.9-key-members",
  "gke-5.2.1-own-service-account",
  "network-policy-spares-private-ranges",
  "secret-readers-are-workloads",
  "workload-identity-names-one",
];

test("what is left out is a warning, also with prod.json", () => {
  for (const rule of Object.keys(LEFT_OUT)) expect(LEVEL_OF.get(rule), rule).toBe("advisory");
});

test("with every setting on, only what no setting turns on is left out", async () => {
  const { resources } = await completeProgram("locked");
  expect(judge(RULES, inventoryResources(resources)).map(({ rule }) => rule)).toEqual(["node-pool-with-sandbox"]);
});

test("dev breaks no mandatory rule: what makes it cheap is a warning until prod.json is used", async () => {
  for (const options of [{}, { preview: true }]) {
    const wrong = await found("violation", "dev", {}, options);
    expect(wrong.filter((rule) => LEVEL_OF.get(rule) === "mandatory")).toEqual([]);
  }
});
