import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import type { Keys } from "./keys.js";
import type { Network } from "./network.js";
import type { Project } from "./project.js";

export interface DatabaseArgs {
  readonly config: Pick<
    RelayConfig,
    | "level"
    | "deletionProtection"
    | "region"
    | "databaseEdition"
    | "databaseTier"
    | "databaseDiskGb"
    | "databaseDiskLimitGb"
    | "backupLocation"
    | "databaseBackupDays"
  >;
  readonly project: Project;
  readonly network: Network;
  readonly keys: Keys;
}

/** PostgreSQL of Cloud SQL: private address, encrypted under the stack's own key, people and programs known by IAM alone. */
export class Database extends pulumi.ComponentResource {
  readonly instance: pulumi.Output<string>;
  /** PROJECT:REGION:INSTANCE, as the auth proxy takes it. */
  readonly connectionName: pulumi.Output<string>;
  /** Name of the database in it. */
  readonly database: pulumi.Output<string>;
  readonly #project: Project;

  constructor(
    name: string,
    { config, project, network, keys }: DatabaseArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("relay:infra:Database", name, {}, options);
    this.#project = project;
    const dev = config.level === "dev";
    const instance = new gcp.sql.DatabaseInstance(
      name,
      {
        project: project.id,
        region: config.region,
        databaseVersion: "POSTGRES_17",
        encryptionKeyName: keys.id("database"),
        // Two switches: this one makes Pulumi refuse, the one in the settings every other way of deleting.
        deletionProtection: config.deletionProtection,
        settings: {
          edition: config.databaseEdition,
          tier: config.databaseTier,
          availabilityType: dev ? "ZONAL" : "REGIONAL",
          diskType: "PD_SSD",
          diskSize: config.databaseDiskGb,
          diskAutoresize: true,
          diskAutoresizeLimit: config.databaseDiskLimitGb,
          deletionProtectionEnabled: config.deletionProtection,
          connectorEnforcement: "REQUIRED",
          dataApiAccess: "DISALLOW_DATA_API",
          retainBackupsOnDelete: !dev,
          ...(dev ? {} : { finalBackupConfig: { enabled: true, retentionDays: 30 } }),
          ipConfiguration: {
            ipv4Enabled: false,
            privateNetwork: network.peered,
            allocatedIpRange: network.servicesRange,
            sslMode: "ENCRYPTED_ONLY",
            serverCaMode: "GOOGLE_MANAGED_CAS_CA",
            serverCertificateRotationMode: "AUTOMATIC_ROTATION_DURING_MAINTENANCE",
          },
          backupConfiguration: {
            enabled: true,
            startTime: "02:00",
            location: config.backupLocation ?? backupsOf(config.region),
            pointInTimeRecoveryEnabled: true,
            // Logs go back to a backup that is still there (Google advises one backup more than days of logs).
            transactionLogRetentionDays: Math.max(1, Math.min(7, config.databaseBackupDays - 1)),
            backupRetentionSettings: { retainedBackups: config.databaseBackupDays, retentionUnit: "COUNT" },
          },
          maintenanceWindow: { day: 7, hour: 4, updateTrack: "stable" },
          insightsConfig: {
            queryInsightsEnabled: true,
            queryStringLength: 1024,
            recordApplicationTags: false,
            recordClientAddress: false,
          },
          // Nobody has a password. Should somebody give one to a user by hand, it is a long one.
          passwordValidationPolicy: {
            enablePasswordPolicy: true,
            complexity: "COMPLEXITY_DEFAULT",
            disallowUsernameSubstring: true,
            minLength: 16,
            reuseInterval: 5,
          },
          databaseFlags: flags(!dev),
          userLabels: { app: "relay", level: config.level },
        },
      },
      // The disk grows by itself, and cannot shrink: what it has grown to is not taken back.
      { parent: this, protect: config.deletionProtection, ignoreChanges: ["settings.diskSize"] },
    );
    const database = new gcp.sql.Database(
      name,
      { project: project.id, instance: instance.name, name: "relay", deletionPolicy: "ABANDON" },
      { parent: this },
    );
    this.instance = instance.name;
    this.connectionName = instance.connectionName;
    this.database = database.name;
    this.registerOutputs({ connectionName: this.connectionName });
  }

  /**
   * Lets a service account log in by IAM, without a password. Gives the user's name. `roles` are roles of the database:
   * none for a program that is given what it needs by the one that migrates.
   */
  user(name: string, account: gcp.serviceaccount.Account, roles: readonly string[] = []): pulumi.Output<string> {
    const userName = account.email.apply((email) => email.replace(/\.gserviceaccount\.com$/, ""));
    const user = new gcp.sql.User(
      name,
      {
        project: this.#project.id,
        instance: this.instance,
        name: userName,
        type: "CLOUD_IAM_SERVICE_ACCOUNT",
        ...(roles.length === 0 ? {} : { databaseRoles: [...roles] }),
        // A user who owns something cannot be dropped; the instance takes all of them with it.
        deletionPolicy: "ABANDON",
      },
      { parent: this },
    );
    const access = { project: this.#project.id, member: account.member };
    const thisInstance = pulumi
      .all([this.#project.id, this.instance])
      .apply(
        ([project, instance]) =>
          `resource.name == "projects/${project}/instances/${instance}" && resource.service == "sqladmin.googleapis.com"`,
      );
    const grants = ["client", "instanceUser"].map(
      (role) =>
        new gcp.projects.IAMMember(
          `${name}-${role}`,
          {
            ...access,
            role: `roles/cloudsql.${role}`,
            condition: { title: "this-instance", description: "The relay's database only", expression: thisInstance },
          },
          { parent: this },
        ),
    );
    // Known once the user exists and may log in.
    return pulumi.all([userName, user.id, ...grants.map((grant) => grant.id)]).apply(([known]) => known ?? "");
  }
}

/** The multi-region around a region, so that backups outlive it and stay on its continent; the region itself where there is none. */
function backupsOf(region: string): string {
  const [continent = ""] = region.split("-");
  return { europe: "eu", us: "us", asia: "asia" }[continent] ?? region;
}

function flags(audited: boolean): { name: string; value: string }[] {
  const common = {
    "cloudsql.iam_authentication": "on",
    idle_in_transaction_session_timeout: "60000",
    log_checkpoints: "on",
    log_connections: "on",
    log_disconnections: "on",
    log_lock_waits: "on",
    log_min_duration_statement: "1000",
    log_temp_files: "0",
  };
  const audit = { "cloudsql.enable_pgaudit": "on", "pgaudit.log": "ddl,role" };
  return Object.entries(audited ? { ...common, ...audit } : common).map(([name, value]) => ({ name, value }));
}
