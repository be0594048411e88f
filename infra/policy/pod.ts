import { expectNone, expectSet, expectThat, expectUnset, expectValue, expectValues } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { type Rule, resourceRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { type Verdict, violation } from "./core/verdict.js";
import { containersOf, podOf, WORKLOADS } from "./pod-of.js";

const of = WORKLOADS;
/** The user that the relay's image is made for, and that the proxy runs as. */
const USER = 65_532;

/** Says in which container it is. */
function inContainer(container: Value, verdicts: readonly Verdict[]): readonly Verdict[] {
  const name = textAt(container, "name") ?? "?";
  return verdicts.map((verdict) =>
    verdict.kind === "violation" ? { ...verdict, what: `container ${name}: ${verdict.what}` } : verdict,
  );
}

export const podRules: readonly Rule[] = [
  resourceRule({
    id: "pod-own-account",
    title: "Pods have a service account, and no token for the API server",
    why: "The relay never calls it, so a stolen token would serve an attacker alone.",
    fix: "Set serviceAccountName, automountServiceAccountToken: false and enableServiceLinks: false.",
    of,
    check: (workload) => [
      ...expectThat(podOf(workload), "serviceAccountName", {
        says: "is the namespace's default",
        test: (name) => typeof name === "string" && name !== "default" && name !== "",
      }),
      ...expectValues(podOf(workload), { automountServiceAccountToken: false, enableServiceLinks: false }),
    ],
  }),
  resourceRule({
    id: "pod-not-root",
    title: "Pods do not run as root",
    why: "Root in a container is root on the node after one fault of the kernel.",
    fix: `Set securityContext: { runAsNonRoot: true, runAsUser: ${USER}, seccompProfile: { type: RuntimeDefault } }.`,
    of,
    check: (workload) =>
      expectValues(podOf(workload), {
        "securityContext.runAsNonRoot": true,
        "securityContext.runAsUser": USER,
        "securityContext.seccompProfile.type": "RuntimeDefault",
      }),
  }),
  resourceRule({
    id: "pod-apart-from-node",
    title: "Pods share nothing with their node",
    why: "The node's network, processes and files are the way out of a container.",
    fix: "Leave out hostNetwork, hostPID, hostIPC and volumes of hostPath.",
    of,
    check: (workload) => [
      ...expectUnset(podOf(workload), "hostNetwork", "hostPID", "hostIPC"),
      ...listAt(podOf(workload), "volumes").flatMap((volume) => expectUnset(volume, "hostPath")),
    ],
  }),
  resourceRule({
    id: "pod-scratch-bounded",
    title: "Temporary files of a pod are bounded",
    why: "They fill the node's disk, and all pods of the node are evicted.",
    fix: "Set emptyDir.sizeLimit.",
    of,
    check: (workload) =>
      listAt(podOf(workload), "volumes")
        .filter((volume) => valueAt(volume, "emptyDir") !== undefined)
        .flatMap((volume) => expectSet(volume, "emptyDir.sizeLimit")),
  }),
  resourceRule({
    id: "container-locked-down",
    title: "Containers have no rights of the system and write to no image",
    why: "What an attacker cannot write or gain ends the attack in the process where it began.",
    fix: "Set securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }.",
    of,
    check: (workload) =>
      containersOf(workload).flatMap((container) =>
        inContainer(container, [
          ...expectValues(container, {
            "securityContext.allowPrivilegeEscalation": false,
            "securityContext.readOnlyRootFilesystem": true,
          }),
          ...expectThat(container, "securityContext.capabilities.drop", {
            says: "does not hold ALL",
            test: (drop) => Array.isArray(drop) && drop.includes("ALL"),
          }),
          ...expectUnset(container, "securityContext.privileged", "securityContext.capabilities.add"),
        ]),
      ),
  }),
  resourceRule({
    id: "container-resources",
    title: "Containers ask for cpu and memory, and are bounded in memory alone",
    why: "Without requests nodes are overbooked; a limit on cpu slows the relay while the node is idle.",
    fix: "Set resources.requests.cpu and memory and limits.memory, and no limits.cpu.",
    of,
    check: (workload) =>
      containersOf(workload).flatMap((container) =>
        inContainer(container, [
          ...expectSet(container, "resources.requests.cpu", "resources.requests.memory", "resources.limits.memory"),
          ...expectUnset(container, "resources.limits.cpu"),
        ]),
      ),
  }),
  resourceRule({
    id: "container-leaves-last-words",
    title: "A container that fails leaves its last lines where they are found",
    why: "The reason of a crash is then in the pod's status, also when logs are late.",
    fix: "Set terminationMessagePolicy: FallbackToLogsOnError.",
    of,
    check: (workload) =>
      containersOf(workload).flatMap((container) =>
        inContainer(container, expectValue(container, "terminationMessagePolicy", "FallbackToLogsOnError")),
      ),
  }),
  resourceRule({
    id: "container-no-host-port",
    title: "Containers take no port of their node",
    why: "It would be reached past network policies, and only one pod fits on a node.",
    fix: "Leave out hostPort.",
    of,
    check: (workload) =>
      containersOf(workload).flatMap((container) =>
        inContainer(
          container,
          expectNone(container, "ports", {
            says: "takes a port of the node",
            test: (port) => ![undefined, 0].includes(valueAt(port, "hostPort") as number | undefined),
          }),
        ),
      ),
  }),
  resourceRule({
    id: "job-bounded",
    title: "Jobs end, and are removed",
    why: "A migration that hangs or repeats itself without end blocks every upgrade.",
    fix: "Set backoffLimit, activeDeadlineSeconds and ttlSecondsAfterFinished.",
    of: ["batch/Job"],
    check: ({ props }) => {
      const unset = ["backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"].filter(
        (name) => valueAt(props, `spec.${name}`) === undefined,
      );
      return unset.map((name) => violation(`spec.${name} is not set`));
    },
  }),
];
