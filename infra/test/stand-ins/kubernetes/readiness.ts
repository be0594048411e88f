import type { Json, KubernetesObject } from "../../support/kubernetes-api.js";

/**
 * Whether an object has become what was asked for: not yet, yes, or never, and why. `refused`: not for now, as what it needs
 * is refused; after a change that may still be said of what was before.
 */
export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting" | "refused" | "failed"; readonly why: string };

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

const READY: Readiness = { kind: "ready" };

/** What Pulumi's provider waits for, of the kinds that a control plane brings to an end. Others are ready at once. */
export function readinessOf(object: KubernetesObject): Readiness {
  if (object.metadata.annotations?.["pulumi.com/skipAwait"] === "true") return READY;
  switch (`${object.apiVersion} ${object.kind}`) {
    case "apps/v1 Deployment":
      return readinessOfDeployment(object);
    case "batch/v1 Job":
      return readinessOfJob(object);
    default:
      return READY;
  }
}

function readinessOfDeployment({ metadata, spec, status }: KubernetesObject): Readiness {
  const { replicas = 1 } = spec as { readonly replicas?: number };
  const { observedGeneration, updatedReplicas = 0, availableReplicas = 0, replicas: all = 0 } = numbersOf(status);
  const progressing = conditionOf(status, "Progressing");
  if (observedGeneration !== metadata.generation) return { kind: "waiting", why: "it has not been looked at yet" };
  if (progressing?.reason === "ProgressDeadlineExceeded") return { kind: "failed", why: progressing.message ?? "" };
  if (updatedReplicas >= replicas && availableReplicas >= replicas && all === updatedReplicas) return READY;
  const failure = conditionOf(status, "ReplicaFailure");
  if (failure?.status === "True") return { kind: "refused", why: failure.message ?? "" };
  return { kind: "waiting", why: `${availableReplicas} of ${replicas} pods are available` };
}

function readinessOfJob({ status }: KubernetesObject): Readiness {
  const failed = conditionOf(status, "Failed");
  if (failed?.status === "True") return { kind: "failed", why: failed.message ?? failed.reason ?? "" };
  if (conditionOf(status, "Complete")?.status === "True") return READY;
  return { kind: "waiting", why: "it has not completed yet" };
}

function conditionOf(status: Json | undefined, type: string): Condition | undefined {
  const { conditions } = (status ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions?.find((each) => each.type === type);
}

function numbersOf(status: Json | undefined): Readonly<Record<string, number | undefined>> {
  return (status ?? {}) as Readonly<Record<string, number | undefined>>;
}
