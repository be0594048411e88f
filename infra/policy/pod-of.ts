import { peekAt } from "./core/peek-at.js";
import { peekListAt } from "./core/peek-list-at.js";
import type { Resource } from "./core/resource.js";
import type { Value } from "./core/value.js";

/** Kinds that make pods. */
export const WORKLOADS = [
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "batch/Job",
  "batch/CronJob",
  "core/Pod",
] as const;

/** Path of the pod's description within a workload. */
function podPath({ kind }: Resource): string {
  if (kind === "core/Pod") return "spec";
  return kind === "batch/CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";
}

/** What a workload says of its pods. */
export function podOf(resource: Resource): Value | undefined {
  return peekAt(resource.props, podPath(resource));
}

/** Containers of a workload's pods, those that run before and beside the main ones included. */
export function containersOf(resource: Resource): readonly Value[] {
  const pod = podOf(resource);
  return [...peekListAt(pod, "initContainers"), ...peekListAt(pod, "containers")];
}
