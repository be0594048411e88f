import { expectNumber, expectThat, expectValue } from "./core/expect.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { violation } from "./core/verdict.js";
import { isProgram } from "./is-program.js";
import { KINDS } from "./kinds.js";

const DAY_S = 86_400;

/** Where the data of a resource is kept; undefined when it is not known. */
function regionOf({ kind, props }: Resource): string | undefined {
  if (kind === KINDS.databaseInstance) return textAt(props, "region");
  if (kind === KINDS.repository) return textAt(props, "location");
  // A zonal cluster: europe-west3-a.
  if (kind === KINDS.cluster) return textAt(props, "location")?.replace(/-[a-z]$/, "");
  return undefined;
}

function protectedOption(resource: Resource) {
  return [
    resource.protect ? [] : violation("Pulumi's option protect is not set"),
    resource.retainOnDelete === false ? violation("Pulumi's option retainOnDelete is not set") : [],
  ].flat();
}

export const keyRules: readonly Rule[] = [
  stackRule({
    id: "key-ring-beside-the-data",
    title: "Keys are in the region of the data",
    why: "Services refuse a key of another region, and data and key then fail together, not one by one.",
    fix: "Set the KeyRing's location to the region of the database, the cluster and the registry.",
    check: (resources) =>
      ofKind(resources, KINDS.keyRing).flatMap((ring) => {
        const location = textAt(ring.props, "location");
        const elsewhere = resources.find((resource) => {
          const region = regionOf(resource);
          return location !== undefined && region !== undefined && region !== location;
        });
        if (elsewhere === undefined) return [];
        return [violation(`location is ${location}, but ${elsewhere.name} is in ${regionOf(elsewhere)}`, ring.urn)];
      }),
  }),
  resourceRule({
    id: "gcp-1.10-key-rotation",
    title: "Keys rotate within 90 days",
    why: "The less one version encrypts, the less is lost with it.",
    fix: "Set rotationPeriod: 7776000s.",
    of: [KINDS.key],
    settings: { maxDays: { default: 90, description: "Longest rotation period, in days." } },
    check: ({ props }, { maxDays }) =>
      textAt(props, "purpose")?.startsWith("ASYMMETRIC") || textAt(props, "purpose") === "MAC"
        ? [] // They do not rotate by themselves.
        : expectNumber(props, "rotationPeriod", { min: DAY_S, max: maxDays * DAY_S }),
  }),
  resourceRule({
    id: "key-destroy-delay",
    title: "A key version is destroyed 30 days after it is asked for",
    why: "Whatever it encrypted is gone with it; the delay is the last chance to notice.",
    fix: "Set destroyScheduledDuration: 2592000s.",
    of: [KINDS.key],
    settings: { minDays: { default: 30, description: "Shortest delay, in days." } },
    check: ({ props }, { minDays }) => expectNumber(props, "destroyScheduledDuration", { min: minDays * DAY_S }),
  }),
  resourceRule({
    id: "key-in-hsm",
    title: "Keys are in a hardware security module",
    why: "The key then never exists outside of certified hardware.",
    fix: "Set versionTemplate.protectionLevel: HSM.",
    level: "production",
    of: [KINDS.key],
    check: ({ props }) => expectValue(props, "versionTemplate.protectionLevel", ["HSM", "HSM_SINGLE_TENANT"]),
  }),
  resourceRule({
    id: "key-purpose",
    title: "Keys only encrypt and decrypt",
    why: "A key for one purpose cannot be misused for another.",
    fix: "Set purpose: ENCRYPT_DECRYPT. A key that signs attestations is ASYMMETRIC_SIGN.",
    of: [KINDS.key],
    check: ({ props }) => expectValue(props, "purpose", ["ENCRYPT_DECRYPT", "ASYMMETRIC_SIGN"]),
  }),
  resourceRule({
    id: "key-protected",
    title: "Key rings and keys cannot be deleted by accident",
    why: "Everything encrypted is lost with the key, and the name of a deleted key can never be used again.",
    fix: "Set the options protect: true and retainOnDelete: true.",
    level: "production",
    of: [KINDS.key, KINDS.keyRing],
    check: protectedOption,
  }),
  resourceRule({
    id: "gcp-1.9-key-members",
    title: "Only service agents, workloads and named pipelines use keys",
    why: "A person or a public member on a key can read everything that is encrypted under it.",
    fix: "Grant roles/cloudkms.cryptoKeyEncrypterDecrypter to a service agent or to a workload's identity, and roles/cloudkms.signerVerifier to the pipeline's principalSet://…/attribute.….",
    of: [KINDS.keyMember],
    check: ({ props }) => [
      ...expectValue(props, "role", ["roles/cloudkms.cryptoKeyEncrypterDecrypter", "roles/cloudkms.signerVerifier"]),
      ...expectThat(props, "member", {
        says: "is neither a service account nor a workload",
        test: isProgram,
      }),
    ],
  }),
];
