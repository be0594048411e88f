import type { KubernetesApi, KubernetesObject } from "./kubernetes-api.js";

/** What becomes of a pod: it gets ready, ends well or badly, or stays as it is. */
export type PodFate = "ready" | "succeeded" | "failed" | "pending";

type Container = { readonly name: string; readonly image: string };

const EVERY_MS = 100;
const NO_IMAGE_ID = `sha256:${"0".repeat(64)}`;

/**
 * Plays the nodes of a control plane: pods that its controllers make get the status that a node would report, so that
 * Deployments become available and Jobs complete. Nothing runs.
 */
export class PretendNodes {
  readonly #api: KubernetesApi;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;
  /** What becomes of pods from now on. By default those of a Job succeed, and others get ready. */
  fate: (pod: KubernetesObject) => PodFate = usualFate;

  constructor(api: KubernetesApi) {
    this.#api = api;
    this.#timer = setInterval(() => {
      this.#round ??= this.#look().finally(() => {
        this.#round = undefined;
      });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #look(): Promise<void> {
    // The control plane may be starting or stopping: the next round looks again.
    const pods = await this.#api.list("v1", "Pod").catch(() => []);
    for (const pod of pods) {
      const fate = this.fate(pod);
      if (fate === "pending" || phaseOf(pod) === PHASES[fate]) continue;
      if (phaseOf(pod) === "Succeeded" || phaseOf(pod) === "Failed") continue;
      await this.#api.patch(pod, { status: statusOf(pod, fate) }, "status").catch(() => {});
    }
  }
}

const PHASES = { ready: "Running", succeeded: "Succeeded", failed: "Failed" } as const;

/** What usually becomes of a pod. */
export function usualFate({ metadata }: KubernetesObject): PodFate {
  const owners = (metadata.ownerReferences ?? []) as readonly { readonly kind: string }[];
  return owners.some(({ kind }) => kind === "Job") ? "succeeded" : "ready";
}

function phaseOf({ status }: KubernetesObject): string {
  return (status as { phase?: string } | undefined)?.phase ?? "Pending";
}

function statusOf({ spec }: KubernetesObject, fate: keyof typeof PHASES) {
  const { containers } = spec as { containers: readonly Container[] };
  const now = new Date().toISOString();
  const ready = fate === "ready";
  const condition = (type: string, met: boolean) => ({ type, status: met ? "True" : "False", lastTransitionTime: now });
  const ended = { exitCode: fate === "failed" ? 1 : 0, reason: fate === "failed" ? "Error" : "Completed" };
  return {
    phase: PHASES[fate],
    startTime: now,
    conditions: [
      condition("PodScheduled", true),
      condition("Initialized", true),
      condition("ContainersReady", ready),
      condition("Ready", ready),
    ],
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: NO_IMAGE_ID,
      ready,
      restartCount: 0,
      state: ready ? { running: { startedAt: now } } : { terminated: { ...ended, startedAt: now, finishedAt: now } },
    })),
  };
}
