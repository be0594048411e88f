import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "../config/read-config.js";
import { HEALTH_CHECK_RANGES, RELAY_PORTS } from "../network-plan.js";
import { administratorVolume, SECRET_FILE, SECRET_FOLDER } from "./administrator-volume.js";
import { databaseAccess } from "./database-access.js";
import { CONTAINER_SECURITY, pod } from "./pod.js";
import type { WorkloadArgs } from "./workload-args.js";

/** The pods of the servers; services, policies and monitoring find them by it. */
export const SERVER_LABELS = { "app.kubernetes.io/name": "relay", "app.kubernetes.io/component": "server" } as const;

/** Time for the load balancer to notice that a pod goes, before the server stops listening. */
const NOTICE_S = 15;
/** Time for deliveries in flight (DRAIN_TIMEOUT). */
const DRAIN_S = 30;
/** What the server takes at most after that, and some seconds more. */
const AFTERWARDS_S = 30;
const DATA_FOLDER = "/var/lib/relay";

export interface ServerArgs extends WorkloadArgs {
  readonly config: Pick<
    RelayConfig,
    "replicasMin" | "replicasMax" | "retentionDays" | "resumeWindow" | "agentsPerReplica" | "previousKmsKeys"
  >;
  /** Cloud KMS key that data keys are wrapped with, known once the account may use it. */
  readonly kmsKey: pulumi.Input<string>;
  readonly administrator: { readonly key: pulumi.Input<string>; readonly secret: pulumi.Input<string> };
  /** What input URLs begin with. */
  readonly publicUrl: pulumi.Input<string>;
  /** The job that brings the database up to this image. */
  readonly after: pulumi.Resource;
  /** The load balancer's own address, which it adds to X-Forwarded-For. */
  readonly edgeAddress: pulumi.Input<string>;
}

/** The relay servers: several alike on one database, replaced one by one, each drained before it goes. */
export class Server extends pulumi.ComponentResource {
  constructor(name: string, args: ServerArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Server", name, {}, options);
    const { config } = args;
    const parent = { parent: this };
    const metadata = { namespace: args.namespace, name: "relay", labels: SERVER_LABELS };
    const account = new k8s.core.v1.ServiceAccount(
      name,
      {
        metadata: {
          namespace: args.namespace,
          name: "server",
          annotations: { "iam.gke.io/gcp-service-account": args.account },
        },
        automountServiceAccountToken: false,
      },
      parent,
    );
    const administrator = administratorVolume(name, args, this);
    const template = pod({
      serviceAccountName: account.metadata.name,
      priorityClassName: args.priorityClass,
      proxyImage: args.proxyImage,
      connectionName: args.database.connectionName,
      container: this.#container(args),
      volumes: [
        { name: "data", emptyDir: { sizeLimit: "64Mi" } },
        { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        administrator,
      ],
    });
    const selector = { matchLabels: SERVER_LABELS };
    const deployment = new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: config.replicasMin,
          minReadySeconds: 10,
          progressDeadlineSeconds: 600,
          revisionHistoryLimit: 5,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          selector,
          template: {
            metadata: { labels: SERVER_LABELS },
            spec: {
              ...template,
              terminationGracePeriodSeconds: NOTICE_S + DRAIN_S + AFTERWARDS_S,
              topologySpreadConstraints: [
                {
                  topologyKey: "topology.kubernetes.io/zone",
                  maxSkew: 1,
                  // With one server or two a lost zone must not forbid the next one; with three each has a zone of its own.
                  whenUnsatisfiable: config.replicasMin >= 3 ? "DoNotSchedule" : "ScheduleAnyway",
                  labelSelector: selector,
                  matchLabelKeys: ["pod-template-hash"],
                },
                {
                  topologyKey: "kubernetes.io/hostname",
                  maxSkew: 1,
                  whenUnsatisfiable: "ScheduleAnyway",
                  labelSelector: selector,
                  matchLabelKeys: ["pod-template-hash"],
                },
              ],
            },
          },
        },
      },
      // The autoscaler has the say about how many there are.
      { ...parent, dependsOn: [args.after], ignoreChanges: ["spec.replicas"] },
    );
    new k8s.policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector } },
      parent,
    );
    this.#autoscaler(name, args, deployment);
    this.registerOutputs({});
  }

  #container(args: ServerArgs): k8s.types.input.core.v1.Container {
    const { config } = args;
    const proxies = pulumi.output(args.edgeAddress).apply((own) => [...HEALTH_CHECK_RANGES, `${own}/32`].join(","));
    return {
      name: "relay",
      image: args.image,
      env: [
        ...databaseAccess(args.database.user, args.database.name),
        // The job before this release has done it; a server that finds the schema behind waits for it.
        { name: "MIGRATE_ON_START", value: "false" },
        { name: "KMS_KEY", value: args.kmsKey },
        ...(config.previousKmsKeys.length === 0
          ? []
          : [{ name: "KMS_OLD_KEYS", value: config.previousKmsKeys.join(",") }]),
        { name: "RELAY_DATA_DIR", value: DATA_FOLDER },
        { name: "LISTEN_ADDRESS", value: "0.0.0.0" },
        { name: "STATUS_ADDRESS", value: "0.0.0.0" },
        { name: "HTTPS_API_PORT", value: String(RELAY_PORTS.https) },
        { name: "GRPC_API_PORT", value: String(RELAY_PORTS.grpc) },
        { name: "STATUS_PORT", value: String(RELAY_PORTS.status) },
        { name: "PUBLIC_URL", value: args.publicUrl },
        { name: "TRUSTED_PROXIES", value: proxies },
        { name: "LOGS_RETENTION_DAYS", value: String(config.retentionDays) },
        { name: "RESUME_WINDOW", value: config.resumeWindow },
        { name: "DRAIN_TIMEOUT", value: `${DRAIN_S}s` },
        { name: "ADMIN_API_KEY", value: args.administrator.key },
        { name: "ADMIN_API_SECRET_FILE", value: `${SECRET_FOLDER}/${SECRET_FILE}` },
      ],
      ports: Object.entries(RELAY_PORTS).map(([name, containerPort]) => ({ name, containerPort })),
      securityContext: CONTAINER_SECURITY,
      // No limit on the CPU: throttled in the middle of a burst a server answers late, and nothing is saved.
      resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { memory: "1Gi" } },
      startupProbe: { httpGet: { path: "/healthz", port: "status" }, periodSeconds: 2, failureThreshold: 60 },
      // Never asks the database: an outage there would restart every server.
      livenessProbe: {
        httpGet: { path: "/healthz", port: "status" },
        periodSeconds: 10,
        timeoutSeconds: 5,
        failureThreshold: 6,
      },
      readinessProbe: {
        httpGet: { path: "/readyz", port: "status" },
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 2,
      },
      lifecycle: { preStop: { sleep: { seconds: NOTICE_S } } },
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [
        { name: "data", mountPath: DATA_FOLDER },
        { name: "tmp", mountPath: "/tmp" },
        { name: "administrator", mountPath: SECRET_FOLDER, readOnly: true },
      ],
    };
  }

  #autoscaler(name: string, { config, namespace }: ServerArgs, deployment: k8s.apps.v1.Deployment): void {
    const metrics: k8s.types.input.autoscaling.v2.MetricSpec[] = [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
    ];
    if (config.agentsPerReplica !== undefined) {
      metrics.push({
        type: "Pods",
        pods: {
          // As the custom metrics adapter of Google names a gauge of managed Prometheus.
          metric: { name: "prometheus.googleapis.com|relay_agents|gauge" },
          target: { type: "AverageValue", averageValue: String(config.agentsPerReplica) },
        },
      });
    }
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      name,
      {
        metadata: { namespace, name: "relay", labels: SERVER_LABELS },
        spec: {
          minReplicas: config.replicasMin,
          maxReplicas: config.replicasMax,
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
          metrics,
          behavior: {
            scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 2, periodSeconds: 60 }] },
            // Each server that goes sends its agents elsewhere: slowly.
            scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 120 }] },
          },
        },
      },
      { parent: this },
    );
  }
}
