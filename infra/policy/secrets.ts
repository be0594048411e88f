import { expectNone, expectNumber, expectSet, expectThat, expectUnset, expectValue } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import { referenceOf } from "./core/reference-of.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { isProgram } from "./is-program.js";
import { KINDS } from "./kinds.js";
import { containersOf, podOf, WORKLOADS } from "./pod-of.js";

const DAY_S = 86_400;
const CSI_DRIVER = "secrets-store-gke.csi.k8s.io";

export const secretRules: readonly Rule[] = [
  resourceRule({
    id: "secret-own-key",
    title: "Secrets stay in named regions, under your own key",
    why: "Google would otherwise copy them to regions of its choice, under its key.",
    fix: "Set replication.userManaged.replicas, each with customerManagedEncryption.kmsKeyName.",
    of: [KINDS.secret],
    check: ({ props }) => [
      ...expectSet(props, "replication.userManaged.replicas"),
      ...listAt(props, "replication.userManaged.replicas").flatMap((replica) =>
        expectSet(replica, "customerManagedEncryption.kmsKeyName"),
      ),
    ],
  }),
  resourceRule({
    id: "secret-reminds-of-rotation",
    title: "Secrets ask to be rotated",
    why: "A secret that nobody is reminded of is never changed.",
    fix: "Set rotation.rotationPeriod and topics.",
    of: [KINDS.secret],
    check: ({ props }) => [...expectSet(props, "rotation.rotationPeriod"), ...expectSet(props, "topics")],
  }),
  resourceRule({
    id: "secret-destroyed-late",
    title: "A version of a secret is destroyed a day after it is asked for",
    why: "A version that is still in use stops the relay at its next start.",
    fix: "Set versionDestroyTtl: 86400s.",
    of: [KINDS.secret],
    check: ({ props }) => expectNumber(props, "versionDestroyTtl", { min: DAY_S }),
  }),
  resourceRule({
    id: "secret-deletion-protection",
    title: "Secrets cannot be deleted by accident",
    why: "All of its versions go at once, and the relay with them at its next start.",
    fix: "Set deletionProtection: true.",
    level: "production",
    of: [KINDS.secret],
    check: ({ props }) => expectValue(props, "deletionProtection", true),
  }),
  resourceRule({
    id: "secret-value-not-in-state",
    title: "Values of secrets are not in the state",
    why: "The state is copied to wherever the stack is worked on.",
    fix: "Set secretDataWo with secretDataWoVersion, and not secretData.",
    of: [KINDS.secretVersion],
    check: ({ props }) => [...expectUnset(props, "secretData"), ...expectSet(props, "secretDataWoVersion")],
  }),
  stackRule({
    id: "secret-readers-by-name",
    title: "Each secret has readers that are named for it",
    why: "Nobody reads a secret because of a right to others.",
    fix: "Declare a SecretIamMember with roles/secretmanager.secretAccessor for each secret and reader.",
    check: (resources) => {
      const members = ofKind(resources, KINDS.secretMember);
      const read = members
        .filter(({ props }) => textAt(props, "role") === "roles/secretmanager.secretAccessor")
        .map((resource) => referenceOf({ resource, path: "secretId", to: KINDS.secret }, resources));
      return ofKind(resources, KINDS.secret).flatMap((secret) => {
        const id = textAt(secret.props, "secretId");
        const named = read.some(
          (of) => of === undefined || of === secret.urn || (id !== undefined && of.split("/").at(-1) === id),
        );
        return named ? [] : [violation("nobody is named to read it", secret.urn)];
      });
    },
  }),
  resourceRule({
    id: "secret-readers-are-workloads",
    title: "Only workloads, named pipelines and a group of administrators read secrets",
    why: "A person who is named still reads it after leaving the team, and everybody else was never meant.",
    fix: "Grant to principal:// of the Kubernetes service account, to its Google account, to the pipeline's principalSet://…/attribute.…, or to a group:.",
    of: [KINDS.secretMember],
    check: ({ props }) =>
      expectThat(props, "member", {
        says: "is neither a workload nor a group",
        test: (member) => isProgram(member) || (typeof member === "string" && member.startsWith("group:")),
      }),
  }),
  resourceRule({
    id: "secret-no-project-wide-reader",
    title: "Nobody reads all secrets of the project",
    why: "A secret that is added later would be read by those who were never meant.",
    fix: "Grant roles of Secret Manager on the one secret.",
    of: [KINDS.projectMember, KINDS.projectBinding],
    check: ({ props }) =>
      expectThat(props, "role", {
        says: "is a role of Secret Manager on the whole project",
        test: (role) => typeof role === "string" && !role.startsWith("roles/secretmanager."),
      }),
  }),
  resourceRule({
    id: "secret-not-in-kubernetes",
    title: "Secrets are not copied to Kubernetes",
    why: "Who may list Secrets of the namespace would have them all, and the state of the stack, too.",
    fix: `Mount them by the Secret Manager add-on (${CSI_DRIVER}). Certificates (kubernetes.io/tls) may stay.`,
    of: [KINDS.kubernetesSecret],
    check: ({ props }) => expectValue(props, "type", "kubernetes.io/tls"),
  }),
  resourceRule({
    id: "secret-files-by-addon",
    title: "Secrets are mounted by the Secret Manager add-on",
    why: "They are files in memory that are read again when a version changes.",
    fix: "Set provider: gke.",
    of: [KINDS.secretProviderClass],
    check: ({ props }) => expectValue(props, "spec.provider", "gke"),
  }),
  resourceRule({
    id: "secret-not-in-environment",
    title: "Secrets are files, not environment variables",
    why: "The environment is in crash reports and is inherited by every child process, and it never changes.",
    fix: `Mount a read-only csi volume with driver ${CSI_DRIVER} and name the file in a setting that ends in _FILE.`,
    of: WORKLOADS,
    check: (workload) => [
      ...containersOf(workload).flatMap((container) => [
        ...expectNone(container, "env", {
          says: "takes a value from a Secret",
          test: (variable) => valueAt(variable, "valueFrom.secretKeyRef") !== undefined,
        }).filter(({ kind }) => kind === "violation"),
        ...listAt(container, "envFrom").flatMap((from) => expectUnset(from, "secretRef")),
      ]),
      ...listAt(podOf(workload), "volumes")
        .filter((volume) => textAt(volume, "csi.driver") === CSI_DRIVER)
        .flatMap((volume) => expectValue(volume, "csi.readOnly", true)),
    ],
  }),
];
