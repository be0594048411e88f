import { expectNumber, expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { isAfter } from "./core/is-after.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";
import { containersOf, podOf } from "./pod-of.js";

const of = [KINDS.deployment];
const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

function migrates(job: Resource): boolean {
  return containersOf(job).some((container) => listAt(container, "args").includes("migrate"));
}

/** Containers that serve, without those that run beside them. */
function mainContainers(deployment: Resource): readonly Value[] {
  return listAt(podOf(deployment), "containers");
}

export const deploymentRules: readonly Rule[] = [
  resourceRule({
    id: "deployment-rolls-without-gap",
    title: "A new version starts before an old one ends",
    why: "Fewer replicas than usual would have to take all agents.",
    fix: "Set strategy: RollingUpdate with maxSurge 1 and maxUnavailable 0.",
    of,
    check: ({ props }) => [
      ...expectThat(props, "spec.strategy.type", {
        says: "is not RollingUpdate",
        test: (type) => type === undefined || type === "RollingUpdate",
      }),
      ...expectValues(props, {
        "spec.strategy.rollingUpdate.maxSurge": 1,
        "spec.strategy.rollingUpdate.maxUnavailable": 0,
      }),
    ],
  }),
  resourceRule({
    id: "deployment-notices-failure",
    title: "A rollout that does not get on is noticed, and can be taken back",
    why: "Pulumi would wait, and the replicas of the version before would be gone.",
    fix: "Set minReadySeconds, progressDeadlineSeconds and revisionHistoryLimit.",
    of,
    check: ({ props }) => [
      ...expectNumber(props, "spec.minReadySeconds", { min: 1 }),
      ...expectNumber(props, "spec.progressDeadlineSeconds", { min: 60 }),
      ...expectNumber(props, "spec.revisionHistoryLimit", { min: 1 }),
    ],
  }),
  resourceRule({
    id: "deployment-spread",
    title: "Replicas are spread over zones and nodes",
    why: "One zone or node that is lost then takes one replica, not all.",
    fix: `Set topologySpreadConstraints on ${ZONE} (DoNotSchedule, matchLabelKeys: [pod-template-hash]) and on ${HOST}.`,
    level: "production",
    of,
    check: (deployment) => {
      const spread = listAt(podOf(deployment), "topologySpreadConstraints");
      const over = (key: string) => spread.find((each) => textAt(each, "topologyKey") === key);
      const zone = over(ZONE);
      return [
        ...(zone === undefined
          ? [violation(`no constraint on ${ZONE}`)]
          : expectValue(zone, "whenUnsatisfiable", "DoNotSchedule")),
        ...(zone === undefined || listAt(zone, "matchLabelKeys").includes("pod-template-hash")
          ? []
          : [violation(`the constraint on ${ZONE} has no matchLabelKeys: [pod-template-hash]`)]),
        ...(over(HOST) === undefined ? [violation(`no constraint on ${HOST}`)] : []),
      ];
    },
  }),
  resourceRule({
    id: "deployment-priority",
    title: "The relay goes before what matters less",
    why: "When nodes are full, others make room for it.",
    fix: "Set priorityClassName.",
    of,
    check: (deployment) => expectSet(podOf(deployment), "priorityClassName"),
  }),
  resourceRule({
    id: "deployment-probes",
    title: "Pods are asked whether they started, live and are ready; living does not need the database",
    why: "A liveness probe that fails with the database restarts every replica at once.",
    fix: "Set startupProbe, livenessProbe on /healthz and readinessProbe on /readyz.",
    of,
    check: (deployment) =>
      mainContainers(deployment).flatMap((container) => [
        ...expectSet(container, "startupProbe", "livenessProbe", "readinessProbe"),
        ...expectThat(container, "livenessProbe.httpGet.path", {
          says: "asks for readiness, which needs the database",
          test: (path) => path === undefined || (typeof path === "string" && path !== "/readyz"),
        }),
      ]),
  }),
  resourceRule({
    id: "deployment-drains",
    title: "A pod that ends waits for the load balancer and lets its agents go",
    why: "Requests still arrive for some seconds after the end was decided.",
    fix: "Set lifecycle.preStop.sleep.seconds: 15, and terminationGracePeriodSeconds longer than that and the drain.",
    of,
    settings: {
      sleepSeconds: { default: 15, description: "Shortest sleep before a pod ends." },
      drainSeconds: { default: 15, description: "Time that is left for the drain after the sleep." },
    },
    check: (deployment, { sleepSeconds, drainSeconds }) => {
      const pod = podOf(deployment);
      const sleeps = mainContainers(deployment).map((each) => valueAt(each, "lifecycle.preStop.sleep.seconds"));
      const longest = Math.max(sleepSeconds, ...sleeps.filter((sleep) => typeof sleep === "number"));
      return [
        ...mainContainers(deployment).flatMap((each) =>
          expectNumber(each, "lifecycle.preStop.sleep.seconds", { min: sleepSeconds }),
        ),
        ...expectNumber(pod, "terminationGracePeriodSeconds", { min: longest + drainSeconds }),
      ];
    },
  }),
  stackRule({
    id: "deployment-after-migrations",
    title: "The relay is deployed after its migrations",
    why: "A new version that meets the old schema does not start.",
    fix: "Run the image with args: [migrate] in a Job, and let the Deployment depend on it.",
    check: (resources) => {
      const jobs = ofKind(resources, KINDS.job).filter(migrates);
      return ofKind(resources, KINDS.deployment).flatMap((deployment) => {
        if (jobs.some((job) => isAfter(deployment, job, resources))) return [];
        return [violation("it does not depend on a Job with args: [migrate]", deployment.urn)];
      });
    },
  }),
];
