/** What every pod of the relay has in common: who it is, what it may do, and its way to the database. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** User and group of the image (distroless' nonroot). */
const USER = 65_532;
/** Where the auth proxy listens, for this pod alone. */
export const DATABASE_PORT = 5432;
const PROXY_STATUS_PORT = 9090;

/** Enough for the most restricted Pod Security standard. */
export const CONTAINER_SECURITY: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

export interface PodArgs {
  readonly serviceAccountName: pulumi.Input<string>;
  readonly priorityClassName: pulumi.Input<string>;
  readonly proxyImage: string;
  /** PROJECT:REGION:INSTANCE */
  readonly connectionName: pulumi.Input<string>;
  /** The program's own container. */
  readonly container: Container;
  readonly volumes: k8s.types.input.core.v1.Volume[];
}

/** A pod with the program's container, and the auth proxy started before it and stopped after it. */
export function pod(args: PodArgs): PodSpec {
  return {
    serviceAccountName: args.serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: args.priorityClassName,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    initContainers: [proxy(args.proxyImage, args.connectionName)],
    containers: [args.container],
    volumes: args.volumes,
  };
}

/** Cloud SQL's auth proxy as a native sidecar: logs in as the pod's identity, and is up before the program starts. */
function proxy(image: string, connectionName: pulumi.Input<string>): Container {
  return {
    name: "cloud-sql-proxy",
    image,
    restartPolicy: "Always",
    args: [
      "--auto-iam-authn",
      "--private-ip",
      "--structured-logs",
      "--exit-zero-on-sigterm",
      `--port=${DATABASE_PORT}`,
      "--health-check",
      "--http-address=0.0.0.0",
      `--http-port=${PROXY_STATUS_PORT}`,
      connectionName,
    ],
    securityContext: { ...CONTAINER_SECURITY, runAsUser: USER, runAsGroup: USER },
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    ports: [{ name: "proxy-status", containerPort: PROXY_STATUS_PORT }],
    startupProbe: { httpGet: { path: "/startup", port: "proxy-status" }, periodSeconds: 1, failureThreshold: 60 },
    livenessProbe: { httpGet: { path: "/liveness", port: "proxy-status" }, periodSeconds: 10, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}
