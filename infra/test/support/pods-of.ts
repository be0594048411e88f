import type { Program } from "./program.js";

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number };
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly restartPolicy?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly lifecycle?: unknown;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly terminationMessagePolicy?: string;
}

export interface Pod {
  /** Name of the workload that makes it. */
  readonly of: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers: readonly Container[];
    readonly volumes: readonly {
      readonly name: string;
      readonly emptyDir?: { readonly sizeLimit?: string };
      readonly csi?: unknown;
    }[];
    readonly serviceAccountName: string;
    readonly priorityClassName: string;
    readonly restartPolicy?: string;
    readonly terminationGracePeriodSeconds?: number;
  } & Readonly<Record<string, unknown>>;
}

interface Workload {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: Pod["spec"] };
  };
}

/** The pods that the program's workloads make. */
export function podsOf(program: Program): Pod[] {
  return [...program.all("apps/v1.Deployment"), ...program.all("batch/v1.Job")].map(({ inputs }) => {
    const { metadata, spec } = inputs as unknown as Workload;
    const { template } = spec;
    return { of: metadata.name, namespace: metadata.namespace, labels: template.metadata.labels, spec: template.spec };
  });
}

/** All containers of a pod, those that start first first. */
export function containersOf({ spec }: Pod): Container[] {
  return [...spec.initContainers, ...spec.containers];
}
