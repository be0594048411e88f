import { expectNumber, expectThat, expectValues } from "./core/expect.js";
import { isProperties } from "./core/is-properties.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

function namespaceOf({ props }: Resource): string | undefined {
  return textAt(props, "metadata.namespace");
}

/** Whether the labels of a selector are all on the pods of a workload of the same namespace. */
function selects(budget: Resource, deployment: Resource): boolean {
  const wanted = valueAt(budget.props, "spec.selector.matchLabels");
  const labels = valueAt(deployment.props, "spec.template.metadata.labels");
  if (namespaceOf(budget) !== namespaceOf(deployment) || !isProperties(wanted)) return false;
  return isProperties(labels) && Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function scales(autoscaler: Resource, deployment: Resource): boolean {
  const target = valueAt(autoscaler.props, "spec.scaleTargetRef.name");
  const name = valueAt(deployment.props, "metadata.name");
  return namespaceOf(autoscaler) === namespaceOf(deployment) && (typeof target !== "string" || target === name);
}

function slow(policy: Value): boolean {
  return (
    textAt(policy, "type") === "Pods" &&
    Number(valueAt(policy, "value")) <= 1 &&
    Number(valueAt(policy, "periodSeconds")) >= 120
  );
}

export const availabilityRules: readonly Rule[] = [
  stackRule({
    id: "deployment-replicas",
    title: "Several replicas of the relay run",
    why: "One that is lost then costs its agents a reconnect, and senders nothing.",
    fix: "Set replicas: 3, or minReplicas: 3 of its HorizontalPodAutoscaler.",
    level: "production",
    settings: { minReplicas: { default: 3, description: "Fewest replicas of a Deployment." } },
    check: (resources, { minReplicas }) =>
      ofKind(resources, KINDS.deployment).flatMap((deployment) => {
        const scaler = ofKind(resources, KINDS.autoscaler).find((each) => scales(each, deployment));
        const verdicts =
          scaler === undefined
            ? expectNumber(deployment.props, "spec.replicas", { min: minReplicas })
            : expectNumber(scaler.props, "spec.minReplicas", { min: minReplicas });
        return verdicts.map((verdict) => ({ ...verdict, urn: deployment.urn }));
      }),
  }),
  stackRule({
    id: "deployment-has-disruption-budget",
    title: "Each Deployment has a disruption budget",
    why: "An upgrade of nodes may otherwise end all replicas at once.",
    fix: "Declare a PodDisruptionBudget that selects its pods.",
    check: (resources) =>
      ofKind(resources, KINDS.deployment)
        .filter((each) => !ofKind(resources, KINDS.disruptionBudget).some((budget) => selects(budget, each)))
        .map(({ urn }) => violation("no PodDisruptionBudget selects its pods", urn)),
  }),
  resourceRule({
    id: "disruption-budget-one-at-a-time",
    title: "One replica at a time is disrupted, and a broken one always",
    why: "A budget that never allows anything, or protects broken pods, stops upgrades for good.",
    fix: "Set maxUnavailable: 1 and unhealthyPodEvictionPolicy: AlwaysAllow.",
    of: [KINDS.disruptionBudget],
    check: ({ props }) =>
      expectValues(props, { "spec.maxUnavailable": 1, "spec.unhealthyPodEvictionPolicy": "AlwaysAllow" }),
  }),
  stackRule({
    id: "deployment-has-autoscaler",
    title: "Each Deployment grows with its load",
    why: "A burst of webhooks should find room without anybody awake.",
    fix: "Declare a HorizontalPodAutoscaler for it.",
    level: "production",
    check: (resources) =>
      ofKind(resources, KINDS.deployment)
        .filter((each) => !ofKind(resources, KINDS.autoscaler).some((scaler) => scales(scaler, each)))
        .map(({ urn }) => violation("no HorizontalPodAutoscaler scales it", urn)),
  }),
  resourceRule({
    id: "autoscaler-by-load-of-the-relay",
    title: "Scaling goes by cpu and by what the relay itself counts",
    why: "Agents that are connected, or webhooks that wait, cost hardly any cpu.",
    fix: "Set metrics: cpu, and one of type Pods, Object or External.",
    of: [KINDS.autoscaler],
    level: "advisory",
    check: ({ props }) =>
      expectThat(props, "spec.metrics", {
        says: "has not both cpu and a metric of the relay",
        test: (metrics) =>
          Array.isArray(metrics) &&
          metrics.some((metric: Value) => textAt(metric, "resource.name") === "cpu") &&
          metrics.some((metric: Value) => ["Pods", "Object", "External"].includes(textAt(metric, "type") ?? "")),
      }),
  }),
  resourceRule({
    id: "autoscaler-shrinks-slowly",
    title: "Replicas are taken away slowly",
    why: "Each one that goes disconnects its agents.",
    fix: "Set behavior.scaleDown: stabilizationWindowSeconds 600, and a policy of 1 pod in 120 seconds.",
    of: [KINDS.autoscaler],
    check: ({ props }) => [
      ...expectNumber(props, "spec.behavior.scaleDown.stabilizationWindowSeconds", { min: 600 }),
      ...expectThat(props, "spec.behavior.scaleDown.policies", {
        says: "allow more than one pod in 120 seconds",
        test: (policies) => Array.isArray(policies) && policies.length > 0 && policies.every(slow),
      }),
      ...expectThat(props, "spec.behavior.scaleDown.selectPolicy", {
        says: "is Disabled, so that it never shrinks",
        test: (select) => select === undefined || (typeof select === "string" && select !== "Disabled"),
      }),
    ],
  }),
];
