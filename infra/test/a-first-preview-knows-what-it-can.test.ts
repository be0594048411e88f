import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { UNKNOWN } from "./support/inventory.js";
import { programOf } from "./support/program.js";

const variants = [
  ...LEVELS.map((level) => ({ level, settings: {} })),
  { level: "prod" as const, settings: { autopilot: "true" } },
  { level: "dev" as const, settings: { image: undefined, proxyImage: undefined } },
];

/**
 * They need the answer to a question to Google (the project's number, a key's public half), which a first preview cannot
 * ask: the SDK leaves out of the preview what the question depends on. When they are made they wait for it.
 */
const AFTER_A_QUESTION = [
  "CryptoKeyIAMMember::relay-disks-compute",
  "SecretIamMember::administrator-server-pods",
  "Attestor::relay",
];

describe.each(variants)("$level with $settings", async ({ level, settings }) => {
  const preview = await programOf(level, settings, { preview: true });
  const made = await programOf(level, settings);

  test("what a first preview shows is what is then made: the same resources, guarded alike, in the same order of need", () => {
    const outline = ({ resources }: typeof made) =>
      resources
        .map(({ urn, dependsOn, protect, retainOnDelete }) => ({
          urn,
          dependsOn: AFTER_A_QUESTION.some((end) => urn.endsWith(end)) ? [] : [...dependsOn].sort(),
          protect,
          retainOnDelete,
        }))
        .sort((a, b) => (a.urn < b.urn ? -1 : 1));
    expect(outline(preview)).toEqual(outline(made));
  });

  test("nothing waits for a value by writing that it waits", () => {
    for (const { resources } of [preview, made]) {
      for (const { urn, inputs } of resources) {
        expect(JSON.stringify(inputs), urn).not.toMatch(/Calling \[toString\]|\[object Object\]|Output<|undefined|NaN/);
      }
    }
  });

  test("everything is known once it is made", () => {
    expect(made.resources.filter(({ inputs }) => JSON.stringify(inputs).includes(UNKNOWN))).toEqual([]);
  });

  test("what a reviewer has to see is known before anything is made", () => {
    const known = (kind: string, ...paths: string[]) => {
      for (const { inputs, urn } of preview.all(kind)) {
        for (const path of paths) expect(inputs, urn).not.toHaveProperty(path, UNKNOWN);
      }
    };
    known("sql.DatabaseInstance", "deletionProtection", "settings", "settings.ipConfiguration.ipv4Enabled");
    known("kms.CryptoKey", "rotationPeriod", "versionTemplate.protectionLevel");
    known("container.Cluster", "deletionProtection", "privateClusterConfig", "controlPlaneEndpointsConfig");
    known("compute.SecurityPolicy", "rules");
    known("compute.Firewall", "sourceRanges", "allows", "denies");
    known("projects.IAMMember", "role");
    known("monitoring.AlertPolicy", "displayName", "severity", "documentation");
  });
});
