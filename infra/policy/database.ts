import { expectNumber, expectSet, expectThat, expectUnset, expectValue, expectValues } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { type Verdict, violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

const of = [KINDS.databaseInstance];

function flag(props: Resource["props"], name: string, expected?: string): readonly Verdict[] {
  const flags = listAt(props, "settings.databaseFlags");
  const found = flags.find((each) => textAt(each, "name") === name);
  if (found !== undefined && expected === undefined) return [];
  if (found !== undefined)
    return expectThat(found, "value", { says: `of ${name} is not ${expected}`, test: (value) => value === expected });
  return [violation(`the flag ${name} is not set`)];
}

export const databaseRules: readonly Rule[] = [
  resourceRule({
    id: "database-postgres-version",
    title: "The database is a current PostgreSQL",
    why: "Older ones are closer to the end of their security fixes.",
    fix: "Set databaseVersion: POSTGRES_17 or newer.",
    of,
    settings: { minMajor: { default: 17, description: "Oldest major version." } },
    check: ({ props }, { minMajor }) =>
      expectThat(props, "databaseVersion", {
        says: `is not PostgreSQL ${minMajor} or newer`,
        test: (version) => typeof version === "string" && Number(/^POSTGRES_(\d+)/.exec(version)?.[1]) >= minMajor,
      }),
  }),
  resourceRule({
    id: "database-own-key",
    title: "The database is encrypted under your own key",
    why: "Withdrawing the key is then enough to make disks and backups unreadable.",
    fix: "Set encryptionKeyName to the CryptoKey for databases.",
    of,
    check: ({ props }) => expectSet(props, "encryptionKeyName"),
  }),
  resourceRule({
    id: "database-deletion-protection",
    title: "The database cannot be deleted by accident",
    why: "One setting guards against Pulumi, the other against the console and the API.",
    fix: "Set deletionProtection: true and settings.deletionProtectionEnabled: true.",
    level: "production",
    of,
    check: ({ props }) => expectValues(props, { deletionProtection: true, "settings.deletionProtectionEnabled": true }),
  }),
  resourceRule({
    id: "database-regional",
    title: "The database survives the loss of a zone",
    why: "A zonal one is away for as long as its zone is, and no webhook is taken meanwhile.",
    fix: "Set settings.availabilityType: REGIONAL.",
    level: "production",
    of,
    check: ({ props }) => expectValue(props, "settings.availabilityType", "REGIONAL"),
  }),
  resourceRule({
    id: "database-size-chosen",
    title: "Edition and machine of the database are chosen",
    why: "Google's defaults change, and with them the price and what a failover takes.",
    fix: "Set settings.edition and settings.tier.",
    of,
    check: ({ props }) => expectSet(props, "settings.edition", "settings.tier"),
  }),
  resourceRule({
    id: "database-disk-grows",
    title: "The disk of the database grows, up to a limit",
    why: "A full disk stops the relay; a disk without limit is a bill without limit.",
    fix: "Set settings.diskType: PD_SSD, diskAutoresize: true and diskAutoresizeLimit.",
    of,
    check: ({ props }) => [
      ...expectValues(props, {
        "settings.diskType": ["PD_SSD", "HYPERDISK_BALANCED"],
        "settings.diskAutoresize": true,
      }),
      ...expectNumber(props, "settings.diskAutoresizeLimit", { min: 10 }),
    ],
  }),
  resourceRule({
    id: "database-connectors-only",
    title: "Only connectors with an identity reach the database",
    why: "A stolen password is of no use without the right to connect, and SQL over HTTP would be a way round the network.",
    fix: "Set settings.connectorEnforcement: REQUIRED and settings.dataApiAccess: DISALLOW_DATA_API.",
    of,
    check: ({ props }) =>
      expectValues(props, {
        "settings.connectorEnforcement": "REQUIRED",
        "settings.dataApiAccess": "DISALLOW_DATA_API",
      }),
  }),
  resourceRule({
    id: "database-backups-outlive-it",
    title: "Backups outlive the database",
    why: "They are needed most when the instance was deleted by mistake.",
    fix: "Set settings.retainBackupsOnDelete: true and settings.finalBackupConfig.enabled: true.",
    level: "production",
    of,
    check: ({ props }) =>
      expectValues(props, { "settings.retainBackupsOnDelete": true, "settings.finalBackupConfig.enabled": true }),
  }),
  resourceRule({
    id: "database-labels",
    title: "The database carries labels",
    why: "Costs and incidents are assigned by them.",
    fix: "Set settings.userLabels.",
    of,
    check: ({ props }) => expectSet(props, "settings.userLabels"),
  }),
  resourceRule({
    id: "gcp-6.6-database-no-public-address",
    title: "The database has no public address",
    why: "What has no address on the Internet cannot be attacked from there.",
    fix: "Set ipConfiguration.ipv4Enabled: false with privateNetwork or a pscConfig, and no authorizedNetworks.",
    of,
    check: ({ props }) => [
      ...expectValue(props, "settings.ipConfiguration.ipv4Enabled", false),
      ...expectUnset(props, "settings.ipConfiguration.authorizedNetworks"),
      ...(listAt(props, "settings.ipConfiguration.pscConfigs").length > 0
        ? []
        : expectSet(props, "settings.ipConfiguration.privateNetwork")),
    ],
  }),
  resourceRule({
    id: "gcp-6.4-database-tls",
    title: "Connections to the database are encrypted",
    why: "Webhooks and logins would cross the network in plain text.",
    fix: "Set ipConfiguration.sslMode: ENCRYPTED_ONLY, or TRUSTED_CLIENT_CERTIFICATE_REQUIRED.",
    of,
    check: ({ props }) =>
      expectValue(props, "settings.ipConfiguration.sslMode", ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"]),
  }),
  resourceRule({
    id: "database-server-certificate",
    title: "The database's certificate comes from a managed authority and rotates",
    why: "A self-signed one per instance ends after ten years, or has to be rotated by hand.",
    fix: "Set ipConfiguration.serverCaMode: GOOGLE_MANAGED_CAS_CA and serverCertificateRotationMode.",
    of,
    check: ({ props }) => [
      ...expectValue(props, "settings.ipConfiguration.serverCaMode", [
        "GOOGLE_MANAGED_CAS_CA",
        "CUSTOMER_MANAGED_CAS_CA",
      ]),
      ...expectSet(props, "settings.ipConfiguration.serverCertificateRotationMode"),
    ],
  }),
  resourceRule({
    id: "gcp-6.7-database-backups",
    title: "The database is backed up, and can be restored to any second of the last days",
    why: "Backups alone lose up to a day of webhooks that were answered.",
    fix: "Set settings.backupConfiguration: enabled, pointInTimeRecoveryEnabled, location and startTime.",
    of,
    check: ({ props }) => {
      const backups = valueAt(props, "settings.backupConfiguration");
      return [
        ...expectValues(backups, { enabled: true, pointInTimeRecoveryEnabled: true }),
        ...expectSet(backups, "location", "startTime"),
      ];
    },
  }),
  resourceRule({
    id: "database-backups-kept",
    title: "Backups of the database are kept for a month, and logs for a week",
    why: "Some damage is noticed only after a while.",
    fix: "Set transactionLogRetentionDays and backupRetentionSettings of settings.backupConfiguration.",
    level: "production",
    of,
    settings: {
      minLogDays: { default: 7, description: "Fewest days of transaction logs." },
      minBackups: { default: 30, description: "Fewest backups that are kept." },
    },
    check: ({ props }, { minLogDays, minBackups }) => {
      const backups = valueAt(props, "settings.backupConfiguration");
      return [
        ...expectNumber(backups, "transactionLogRetentionDays", { min: minLogDays }),
        ...expectNumber(backups, "backupRetentionSettings.retainedBackups", { min: minBackups }),
      ];
    },
  }),
  resourceRule({
    id: "database-maintenance-window",
    title: "Maintenance of the database has its hour",
    why: "It restarts the database, at Google's choice of time otherwise.",
    fix: "Set settings.maintenanceWindow: day, hour and updateTrack: stable.",
    of,
    check: ({ props }) => [
      ...expectNumber(props, "settings.maintenanceWindow.day", { min: 1, max: 7 }),
      ...expectNumber(props, "settings.maintenanceWindow.hour", { min: 0, max: 23 }),
      ...expectValue(props, "settings.maintenanceWindow.updateTrack", "stable"),
    ],
  }),
  resourceRule({
    id: "database-insights",
    title: "Slow statements are seen, without addresses of clients",
    why: "Without them a slow database is a guess; addresses are not needed for it.",
    fix: "Set settings.insightsConfig.queryInsightsEnabled: true and recordClientAddress: false.",
    of,
    check: ({ props }) =>
      expectValues(props, {
        "settings.insightsConfig.queryInsightsEnabled": true,
        "settings.insightsConfig.recordClientAddress": false,
      }),
  }),
  resourceRule({
    id: "database-password-policy",
    title: "Passwords of the database follow a policy",
    why: "Nobody needs one; should one be made all the same, it must not be guessable.",
    fix: "Set settings.passwordValidationPolicy.enablePasswordPolicy: true.",
    of,
    check: ({ props }) => expectValue(props, "settings.passwordValidationPolicy.enablePasswordPolicy", true),
  }),
  resourceRule({
    id: "database-iam-login",
    title: "Logins to the database are identities, not passwords",
    why: "An identity's token lives for an hour; a password lives until somebody rotates it.",
    fix: "Set the database flag cloudsql.iam_authentication to on.",
    of,
    check: ({ props }) => flag(props, "cloudsql.iam_authentication", "on"),
  }),
  resourceRule({
    id: "database-logs-what-waits",
    title: "The database logs what is slow or waits, and ends idle transactions",
    why: "A forgotten transaction holds locks and rows until the relay stands still. CIS 6.2.7 wants slow statements not logged; theirs hold parameters here and no secret.",
    fix: "Set the flags log_min_duration_statement, log_lock_waits=on and idle_in_transaction_session_timeout.",
    of,
    check: ({ props }) => [
      ...flag(props, "log_min_duration_statement"),
      ...flag(props, "log_lock_waits", "on"),
      ...flag(props, "idle_in_transaction_session_timeout"),
    ],
  }),
  resourceRule({
    id: "gcp-6.2.8-database-pgaudit",
    title: "Statements are audited where that is required",
    why: "Some teams have to prove who changed what; the audit costs throughput.",
    fix: "Set the database flag cloudsql.enable_pgaudit to on.",
    level: "advisory",
    of,
    check: ({ props }) => flag(props, "cloudsql.enable_pgaudit", "on"),
  }),
  resourceRule({
    id: "database-users-by-iam",
    title: "Users of the database are identities without a password",
    why: "There is then no password to leak, and none in the state of the stack.",
    fix: "Set type: CLOUD_IAM_SERVICE_ACCOUNT, the name without .gserviceaccount.com, and no password.",
    of: [KINDS.databaseUser],
    check: ({ props }) => [
      ...expectThat(props, "type", {
        says: "is not one of the CLOUD_IAM types",
        test: (type) => typeof type === "string" && type.startsWith("CLOUD_IAM_"),
      }),
      ...expectUnset(props, "password", "passwordWo"),
      ...(textAt(props, "name")?.endsWith(".gserviceaccount.com") === true
        ? [violation("name ends in .gserviceaccount.com, which PostgreSQL cuts off")]
        : []),
    ],
  }),
  resourceRule({
    id: "database-abandoned-not-dropped",
    title: "The data stays when the stack is destroyed",
    why: "Pulumi would drop the database, or fail because it is in use.",
    fix: "Set deletionPolicy: ABANDON.",
    of: [KINDS.database],
    check: ({ props }) => expectValue(props, "deletionPolicy", "ABANDON"),
  }),
];
