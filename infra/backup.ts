import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import { NAMESPACE } from "./identities.js";
import type { Keys } from "./keys.js";
import type { Project } from "./project.js";

const KEEP_DAYS = 30;

export interface BackupArgs {
  readonly config: Pick<RelayConfig, "level" | "region">;
  readonly project: Project;
  readonly keys: Keys;
  /** Id of the cluster. */
  readonly cluster: pulumi.Input<string>;
}

/** Nightly backups of what is declared in the cluster. The data is in the database, which has its own. */
export class Backup extends pulumi.ComponentResource {
  constructor(name: string, { config, project, keys, cluster }: BackupArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Backup", name, {}, options);
    const locked = config.level === "locked";
    new gcp.gkebackup.BackupPlan(
      name,
      {
        project: project.id,
        location: config.region,
        cluster,
        description: "The relay's namespace, every night",
        backupConfig: {
          selectedNamespaces: { namespaces: [NAMESPACE] },
          // There are none: secrets come from Secret Manager, and nothing keeps a volume.
          includeSecrets: false,
          includeVolumeData: false,
          encryptionKey: { gcpKmsEncryptionKey: keys.id("backups") },
        },
        backupSchedule: { cronSchedule: "30 2 * * *" },
        // Locked: a captured administrator cannot shorten it, and neither can you.
        retentionPolicy: { backupRetainDays: KEEP_DAYS, backupDeleteLockDays: locked ? KEEP_DAYS : 7, locked },
        labels: { app: "relay", level: config.level },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
