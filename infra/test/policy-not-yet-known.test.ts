import { describe, expect, test } from "vitest";
import { judge } from "../policy/core/judge.js";
import { plainProperties } from "../policy/core/plain-properties.js";
import type { Resource } from "../policy/core/resource.js";
import { KINDS } from "../policy/kinds.js";
import { RULES } from "../policy/rules.js";
import { completeProgram } from "./support/complete-program.js";
import { UNKNOWN } from "./support/inventory.js";
import { inventoryResources } from "./support/inventory-resources.js";
import { mutateInventory, setAt } from "./support/mutate-inventory.js";
import { policyMutations } from "./support/policy-mutations.js";

const { resources: inventory } = await completeProgram("prod");
const program = inventoryResources(inventory);
const known = broken(program);

/** Paths of all that is in a value, objects and lists included. */
function pathsIn(value: unknown, above = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    // Names of labels hold dots, which paths do not.
    if (name.includes(".")) return [];
    const path = above === "" ? name : `${above}.${name}`;
    return [path, ...pathsIn(each, path)];
  });
}

/** Rules that find something wrong. */
function broken(resources: readonly Resource[], rules = RULES): ReadonlySet<string> {
  const wrong = judge(rules, resources).filter(({ verdict }) => verdict.kind === "violation");
  return new Set(wrong.map(({ rule }) => rule));
}

const KINDS_OF_RULES = new Set(RULES.flatMap((rule) => (rule.scope === "resource" ? rule.of : Object.values(KINDS))));

describe("a value that is not yet known fails no rule", () => {
  const judged = program.map(({ urn, kind }, index) => ({ name: urn.split("::").slice(-2).join(" "), kind, index }));
  test.each(judged.filter(({ kind }) => KINDS_OF_RULES.has(kind)))("in $name", ({ kind, index }) => {
    const entry = inventory[index];
    // Rules over other kinds of resources do not look at it.
    const rules = RULES.filter((rule) => rule.scope === "stack" || rule.of.includes(kind));
    const violations = pathsIn(entry?.inputs).flatMap((path) => {
      if (entry === undefined || path === "apiVersion" || path === "kind") return [];
      const inputs = structuredClone(entry.inputs) as Record<string, unknown>;
      setAt(inputs, path, UNKNOWN);
      const changed = inventoryResources([{ ...entry, inputs }]);
      return [...broken([...program.slice(0, index), ...changed, ...program.slice(index + 1)], rules)]
        .filter((rule) => !known.has(rule))
        .map((rule) => `${path} -> ${rule}`);
    });
    expect(violations).toEqual([]);
  });
});

test("what decides and is not yet known is told as undecided, not as passed", () => {
  const byValue = policyMutations.filter(
    ({ breakage, level, rule }) => breakage.kind === "change" && level === undefined && !known.has(rule),
  );
  const silent = byValue.filter(({ rule, breakage }) => {
    if (breakage.kind !== "change") return false;
    const set = Object.fromEntries(Object.keys(breakage.set).map((path) => [path, UNKNOWN]));
    const findings = judge(RULES, inventoryResources(mutateInventory(inventory, { ...breakage, set })));
    return !findings.some((finding) => finding.rule === rule && finding.verdict.kind === "undecided");
  });
  // Rules that only want something to be set, which what is not yet known will be; and those that look for two things
  // that are the same, which shows in the `up`.
  expect([...new Set(silent.map(({ rule }) => rule))].sort()).toMatchInlineSnapshot(`
    [
      "alert-closes-by-itself",
      "alert-reaches-somebody",
      "attestor-has-key",
      "backend-policy-complete",
      "backup-plan-own-key",
      "backup-plan-scheduled",
      "binary-authorization-requires-attestation",
      "certificate-managed",
      "ci-federation-has-condition",
      "cluster-maintenance-window",
      "cluster-tells-of-bulletins",
      "container-resources",
      "database-labels",
      "database-own-key",
      "database-server-certificate",
      "database-size-chosen",
      "database-users-by-iam",
      "deployment-priority",
      "deployment-probes",
      "gateway-has-tls-policy",
      "gateway-routes-each-use",
      "gcp-3.8-subnet-flow-logs",
      "gcp-6.6-database-no-public-address",
      "gcp-6.7-database-backups",
      "gke-5.2.2-workload-identity",
      "gke-5.3.1-secrets-encrypted",
      "gke-5.6.2-vpc-native",
      "gke-5.8.3-groups-for-rbac",
      "gke-5.9.1-disks-own-key",
      "job-bounded",
      "key-ring-beside-the-data",
      "nat-fixed-addresses",
      "pod-scratch-bounded",
      "registry-cleans-up",
      "registry-own-key",
      "secret-not-in-environment",
      "secret-own-key",
      "secret-reminds-of-rotation",
      "secret-value-not-in-state",
      "workload-database-roles",
      "workloads-share-no-identity",
    ]
  `);
});

test("a property that the policy SDK refuses to tell is not yet known, and what it threw is kept", () => {
  const refusal = new Error("string value at .settings.tier can't be known during preview");
  const settings = Object.defineProperty({ edition: "ENTERPRISE" }, "tier", {
    enumerable: true,
    get: () => {
      throw refusal;
    },
  });
  expect(plainProperties({ settings })).toEqual({ settings: { edition: "ENTERPRISE", tier: { cause: refusal } } });
});

test("a secret is judged by its value", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "x" };
  expect(plainProperties({ secret })).toEqual({ secret: "x" });
});
