import { expectNone, expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { KINDS } from "./kinds.js";
import { containersOf, WORKLOADS } from "./pod-of.js";

const of = [KINDS.repository];

/** A repository that mirrors another holds what that one holds. */
function isOwn({ props }: Resource): boolean {
  return ["STANDARD_REPOSITORY", undefined].includes(textAt(props, "mode"));
}

export const registryRules: readonly Rule[] = [
  resourceRule({
    id: "registry-immutable-tags",
    title: "A tag of an image never moves",
    why: "What was tested and attested would not be what runs.",
    fix: "Set format: DOCKER and dockerConfig.immutableTags: true.",
    of,
    check: (repository) =>
      isOwn(repository) ? expectValues(repository.props, { format: "DOCKER", "dockerConfig.immutableTags": true }) : [],
  }),
  resourceRule({
    id: "registry-own-key",
    title: "Images are encrypted under your own key",
    why: "They hold your code.",
    fix: "Set kmsKeyName to the CryptoKey for images.",
    of,
    check: ({ props }) => expectSet(props, "kmsKeyName"),
  }),
  resourceRule({
    id: "registry-cleans-up",
    title: "Old images are removed",
    why: "Each is storage that is paid for, with faults that are known by now.",
    fix: "Set cleanupPolicies.",
    of,
    check: ({ props }) => expectSet(props, "cleanupPolicies"),
  }),
  resourceRule({
    id: "registry-scans",
    title: "Images are scanned for known faults",
    why: "They are found before the image runs.",
    fix: "Set vulnerabilityScanningConfig.enablementConfig: INHERITED.",
    of,
    check: ({ props }) => expectValue(props, "vulnerabilityScanningConfig.enablementConfig", "INHERITED"),
  }),
  resourceRule({
    id: "binary-authorization-requires-attestation",
    title: "An image without an attestation is told from one with it",
    why: "Only what the pipeline built and signed is to run.",
    fix: "Set defaultAdmissionRule: REQUIRE_ATTESTATION and the attestor.",
    of: [KINDS.admissionPolicy],
    check: ({ props }) => [
      ...expectValue(props, "defaultAdmissionRule.evaluationMode", ["REQUIRE_ATTESTATION", "ALWAYS_DENY"]),
      ...(valueAt(props, "defaultAdmissionRule.evaluationMode") === "ALWAYS_DENY"
        ? []
        : expectSet(props, "defaultAdmissionRule.requireAttestationsBies")),
    ],
  }),
  resourceRule({
    id: "binary-authorization-enforced",
    title: "An image without an attestation is refused, and that is logged",
    why: "A log of what ran unsigned is read after it ran.",
    fix: "Set defaultAdmissionRule.enforcementMode: ENFORCED_BLOCK_AND_AUDIT_LOG.",
    level: "production",
    of: [KINDS.admissionPolicy],
    check: ({ props }) => expectValue(props, "defaultAdmissionRule.enforcementMode", "ENFORCED_BLOCK_AND_AUDIT_LOG"),
  }),
  resourceRule({
    id: "attestor-has-key",
    title: "The attestor has a note and a public key",
    why: "Without a key no attestation is ever valid, and nothing can be deployed.",
    fix: "Set attestationAuthorityNote.noteReference and publicKeys.",
    of: [KINDS.attestor],
    check: ({ props }) =>
      expectSet(props, "attestationAuthorityNote.noteReference", "attestationAuthorityNote.publicKeys"),
  }),
  resourceRule({
    id: "images-by-digest",
    title: "Images are named by digest",
    why: "Everything else can change between the review and the start of a pod.",
    fix: "Write NAME@sha256:DIGEST.",
    of: WORKLOADS,
    check: (workload) =>
      containersOf(workload).flatMap((container) =>
        expectThat(container, "image", {
          says: `of the container ${textAt(container, "name")} has no digest`,
          test: (image) => typeof image === "string" && /@sha256:[0-9a-f]{64}$/.test(image),
        }),
      ),
  }),
  resourceRule({
    id: "database-proxy-by-identity",
    title: "The proxy to the database logs in by identity, over the private address",
    why: "It would otherwise need a password, or look for a public address that is not there.",
    fix: "Run it as an init container that restarts always, with --auto-iam-authn, --private-ip (or --psc) and --structured-logs.",
    of: WORKLOADS,
    check: (workload) =>
      containersOf(workload)
        .filter((container) => textAt(container, "image")?.includes("cloud-sql-proxy") === true)
        .flatMap((proxy) => [
          ...expectThat(proxy, "args", {
            says: "lacks --auto-iam-authn, --private-ip or --structured-logs",
            test: (args) =>
              Array.isArray(args) &&
              args.includes("--auto-iam-authn") &&
              args.includes("--structured-logs") &&
              (args.includes("--private-ip") || args.includes("--psc")),
          }),
          ...expectValue(proxy, "restartPolicy", "Always"),
          ...expectNone(proxy, "args", {
            says: "opens the proxy to other pods",
            test: (arg) => typeof arg === "string" && /^--address=(?!127\.0\.0\.1$)/.test(arg),
          }).filter(({ kind }) => kind === "violation"),
        ]),
  }),
];
