import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { databaseAccess } from "./database-access.js";
import { CONTAINER_SECURITY, pod } from "./pod.js";
import type { DatabaseLogin, WorkloadArgs } from "./workload-args.js";

/** Labels of the job's pods, for the network policies. */
export const MIGRATION_LABELS = {
  "app.kubernetes.io/name": "relay",
  "app.kubernetes.io/component": "migrations",
} as const;

const DAY_S = 86_400;
const DEADLINE_S = 900;

export interface MigrationsArgs extends WorkloadArgs {
  /** Its login may make roles. */
  readonly database: DatabaseLogin & {
    /** Login of the servers, who are made members of the role that owns the schema. */
    readonly serverUser: pulumi.Input<string>;
  };
}

/** The same image, run once per release before its servers: brings the schema up to it, and gives the servers their rights. */
export class Migrations extends pulumi.ComponentResource {
  /** The job; servers of the release come after it. */
  readonly job: k8s.batch.v1.Job;

  constructor(name: string, args: MigrationsArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Migrations", name, {}, options);
    const parent = { parent: this };
    const account = new k8s.core.v1.ServiceAccount(
      name,
      {
        metadata: {
          namespace: args.namespace,
          name: "migrations",
          annotations: { "iam.gke.io/gcp-service-account": args.account },
        },
        automountServiceAccountToken: false,
      },
      parent,
    );
    const digest = args.image.slice(args.image.indexOf("@sha256:") + "@sha256:".length);
    this.job = new k8s.batch.v1.Job(
      name,
      {
        // A job cannot be changed: each release has its own.
        metadata: { namespace: args.namespace, name: `migrations-${digest.slice(0, 12)}`, labels: MIGRATION_LABELS },
        spec: {
          backoffLimit: 3,
          activeDeadlineSeconds: DEADLINE_S,
          ttlSecondsAfterFinished: 7 * DAY_S,
          template: {
            metadata: { labels: MIGRATION_LABELS },
            spec: {
              ...pod({
                serviceAccountName: account.metadata.name,
                priorityClassName: args.priorityClass,
                proxyImage: args.proxyImage,
                connectionName: args.database.connectionName,
                container: {
                  name: "migrations",
                  image: args.image,
                  args: ["migrate"],
                  env: [
                    ...databaseAccess(args.database.user, args.database.name),
                    { name: "DATABASE_ROLE_MEMBERS", value: args.database.serverUser },
                  ],
                  securityContext: CONTAINER_SECURITY,
                  resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { memory: "512Mi" } },
                  terminationMessagePolicy: "FallbackToLogsOnError",
                  volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
                },
                volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
              }),
              restartPolicy: "Never",
            },
          },
        },
      },
      // Made anew rather than left as it is when the cluster has tidied it away.
      { ...parent, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
