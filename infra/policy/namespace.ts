import { expectThat, expectValue } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

const MODES = ["enforce", "audit", "warn"];

/** Namespaces that hold one of the kind. What is in a namespace that is not known counts for all. */
function holding(resources: readonly Resource[], kind: string): (namespace: Resource) => boolean {
  const within = ofKind(resources, kind).map(({ props }) => textAt(props, "metadata.namespace"));
  return ({ props }) => within.includes(undefined) || within.includes(textAt(props, "metadata.name"));
}

function wantsDigests({ props }: Resource): boolean {
  return listAt(props, "spec.validations").some((each) => textAt(each, "expression")?.includes("@sha256") === true);
}

export const namespaceRules: readonly Rule[] = [
  resourceRule({
    id: "namespace-restricted",
    title: "Namespaces accept restricted pods alone",
    why: "The API server then refuses a pod that could become the node, whoever makes it.",
    fix: "Set the labels pod-security.kubernetes.io/enforce, audit and warn to restricted, and their -version to a version.",
    of: [KINDS.namespace],
    check: ({ props }) => {
      // Names of labels hold dots, which paths do not.
      const labels = valueAt(props, "metadata.labels");
      const label = (name: string) =>
        typeof labels === "object" && labels !== null && name in labels
          ? labels[name as keyof typeof labels]
          : undefined;
      return MODES.flatMap((mode) => {
        const key = `pod-security.kubernetes.io/${mode}`;
        return [
          ...expectValue({ [mode]: label(key) }, mode, "restricted"),
          ...expectThat({ [mode]: label(`${key}-version`) }, mode, {
            says: "is not pinned to a version of Kubernetes",
            test: (version) => typeof version === "string" && /^v1\.\d+$/.test(version),
          }),
        ];
      });
    },
  }),
  stackRule({
    id: "namespace-bounded",
    title: "Namespaces have a quota and limits",
    why: "A workload that multiplies would take the whole cluster.",
    fix: "Declare a ResourceQuota and a LimitRange in the namespace.",
    check: (resources) =>
      [KINDS.resourceQuota, KINDS.limitRange].flatMap((kind) =>
        ofKind(resources, KINDS.namespace)
          .filter((namespace) => !holding(resources, kind)(namespace))
          .map(({ urn }) => violation(`it has no ${kind.split("/")[1]}`, urn)),
      ),
  }),
  stackRule({
    id: "admission-by-digest",
    title: "The API server refuses images without a digest",
    why: "The pack judges what Pulumi makes; this judges what anybody makes.",
    fix: "Declare a ValidatingAdmissionPolicy on @sha256, and a binding with validationActions: [Deny].",
    check: (resources) => {
      if (ofKind(resources, KINDS.deployment).length === 0) return [];
      const policies = ofKind(resources, KINDS.validatingPolicy).filter(wantsDigests);
      if (policies.length === 0) return [violation("no ValidatingAdmissionPolicy asks for @sha256")];
      const names = policies.map(({ props }) => textAt(props, "metadata.name"));
      const bound = ofKind(resources, KINDS.validatingBinding).some(({ props }) => {
        const policy = textAt(props, "spec.policyName");
        return (
          listAt(props, "spec.validationActions").includes("Deny") &&
          (policy === undefined || names.includes(policy) || names.includes(undefined))
        );
      });
      return bound ? [] : [violation("no ValidatingAdmissionPolicyBinding denies by that policy")];
    },
  }),
  stackRule({
    id: "kubernetes-provider-server-side-apply",
    title: "Objects are applied by the API server",
    why: "Fields that others own stay theirs, and conflicts are told instead of overwritten.",
    fix: "Set enableServerSideApply: true on the kubernetes.Provider.",
    check: (resources) =>
      ofKind(resources, KINDS.kubernetesProvider).flatMap(({ props, urn }) =>
        // Settings of providers are JSON in texts.
        expectValue(props, "enableServerSideApply", [true, "true"]).map((verdict) => ({ ...verdict, urn })),
      ),
  }),
];
