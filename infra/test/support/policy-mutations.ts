// How each rule of the policy pack is shown to bite: one or more ways to break what it asks for in the program as it is, and
// which other rules have to find something then. Longer than a file should be, because it is data.
import { KINDS } from "../../policy/kinds.js";
import type { Breakage, Changes, Inputs, Where } from "./mutate-inventory.js";

export interface Mutation {
  readonly rule: string;
  readonly breakage: Breakage;
  /** Rules that rightly find something, too. */
  readonly also: readonly string[];
  /** The level of the program that is broken: `prod` where nothing is said. */
  readonly level?: "locked";
}

interface Choice {
  readonly where?: Where;
  readonly also?: readonly string[];
}

type Element = Readonly<Record<string, unknown>>;

function change(rule: string, of: string, set: Changes, { where, also = [] }: Choice = {}): Mutation {
  return { rule, also, breakage: { kind: "change", of, set, ...(where === undefined ? {} : { where }) } };
}

/** One mutation for each property: all have to matter. */
function eachOf(rule: string, of: string, set: Changes, choice?: Choice): readonly Mutation[] {
  return Object.entries(set).map(([path, value]) => change(rule, of, { [path]: value }, choice));
}

function edit(rule: string, of: string, how: (inputs: Inputs) => void, { where, also = [] }: Choice = {}): Mutation {
  return { rule, also, breakage: { kind: "edit", of, edit: how, ...(where === undefined ? {} : { where }) } };
}

function remove(rule: string, of: string, { where, also = [] }: Choice = {}): Mutation {
  return { rule, also, breakage: { kind: "remove", of, ...(where === undefined ? {} : { where }) } };
}

function add(rule: string, of: string, inputs: Changes, also: readonly string[] = []): Mutation {
  return { rule, also, breakage: { kind: "add", of, inputs } };
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((each, name) => (each as Element | undefined)?.[name], value);
}

const POD = "spec.template.spec";
/** Place of the secrets among the volumes. */
const SECRETS = 2;
const MAIN = `${POD}.containers.0`;
const SQL = "settings.ipConfiguration";
const BACKUP = "settings.backupConfiguration";
const BACKEND = "spec.default";
const isApi =
  (api: string): Where =>
  (inputs) =>
    inputs.service === `${api}.googleapis.com`;

function withoutFlag(name: string): (inputs: Inputs) => void {
  return (inputs) => {
    const settings = inputs.settings as { databaseFlags: readonly Element[] };
    settings.databaseFlags = settings.databaseFlags.filter((flag) => flag.name !== name);
  };
}

/** Members of grants that are people, everybody, or whatever a pool of identities lets in. */
const NOT_PROGRAMS = [
  "user:somebody@example.com",
  "domain:example.com",
  "allUsers",
  "allAuthenticatedUsers",
  "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/*",
];

const allows: Where = (inputs) => inputs.allows !== undefined;
const encrypts: Where = (inputs) => inputs.purpose === "ENCRYPT_DECRYPT";
const leadsOut = (rule: unknown) => at(rule, "to.0.ipBlock.cidr") === "0.0.0.0/0";
const hasRules: Where = (inputs) => at(inputs, "spec.egress.1") !== undefined;
const named =
  (name: string): Where =>
  (inputs) =>
    at(inputs, "metadata.name") === name;
const onPort =
  (port: number): Where =>
  (inputs) =>
    at(inputs, "spec.ports.0.targetPort") === port;
const watches: Where = (inputs) => (inputs.rules as readonly Element[]).some((rule) => rule.preview === true);
const project = [
  change("project-services-stay-enabled", KINDS.service, { disableOnDestroy: true }),
  ...["container", "sqladmin", "cloudkms", "secretmanager", "artifactregistry", "certificatemanager"].map((api) =>
    remove("project-services-declared", KINDS.service, { where: isApi(api) }),
  ),
  ...["binaryauthorization", "containeranalysis", "servicenetworking", "monitoring", "gkebackup"].map((api) =>
    remove("project-services-declared", KINDS.service, { where: isApi(api) }),
  ),
  ...["sqladmin", "secretmanager", "artifactregistry"].map((api) =>
    remove("project-service-agents-exist", KINDS.serviceIdentity, { where: isApi(api) }),
  ),
  ...["cloudkms", "secretmanager"].map((api) =>
    remove("gcp-2.1-audit-of-keys-and-secrets", KINDS.auditConfig, { where: isApi(api) }),
  ),
  change("gcp-2.1-audit-of-keys-and-secrets", KINDS.auditConfig, { auditLogConfigs: [{ logType: "DATA_READ" }] }),
  change("ci-federation-has-condition", KINDS.federationProvider, { attributeCondition: undefined }),
  add("gcp-1.4-no-service-account-keys", KINDS.serviceAccountKey, { serviceAccountId: "relay-server" }),
];

const network = [
  ...eachOf("network-custom-mode", KINDS.network, { autoCreateSubnetworks: true, routingMode: "GLOBAL" }),
  change("subnet-private-google-access", KINDS.subnetwork, { privateIpGoogleAccess: false }),
  change("subnet-ranges-for-pods-and-services", KINDS.subnetwork, { secondaryIpRanges: [{ rangeName: "pods" }] }),
  ...eachOf("gcp-3.8-subnet-flow-logs", KINDS.subnetwork, {
    logConfig: undefined,
    "logConfig.flowSampling": 0,
    "logConfig.metadata": "EXCLUDE_ALL_METADATA",
    "logConfig.aggregationInterval": undefined,
  }),
  ...eachOf("nat-fixed-addresses", KINDS.nat, { natIpAllocateOption: "AUTO_ONLY", natIps: [] }),
  ...eachOf("nat-logs-errors", KINDS.nat, { "logConfig.enable": false, "logConfig.filter": "TRANSLATIONS_ONLY" }),
  ...eachOf("nat-ports-for-webhooks", KINDS.nat, { enableDynamicPortAllocation: false, minPortsPerVm: 64 }),
  remove("database-private-services-access", KINDS.privateServices),
  remove("database-private-services-access", KINDS.globalAddress, {
    where: (inputs) => inputs.purpose === "VPC_PEERING",
  }),
  remove("firewall-denies-by-default", KINDS.firewall, { where: (inputs) => inputs.denies !== undefined }),
  change(
    "gcp-3.6-no-port-open-to-the-internet",
    KINDS.firewall,
    { sourceRanges: ["35.191.0.0/16", "130.211.0.0/22", "0.0.0.0/0"] },
    { where: allows },
  ),
  change("firewall-lets-health-checks-in", KINDS.firewall, { sourceRanges: ["10.0.0.0/8"] }, { where: allows }),
];

const keys = [
  change("key-ring-beside-the-data", KINDS.keyRing, { location: "us-east1" }),
  ...["15552000s", undefined].map((rotationPeriod) =>
    change("gcp-1.10-key-rotation", KINDS.key, { rotationPeriod }, { where: encrypts }),
  ),
  change("key-destroy-delay", KINDS.key, { destroyScheduledDuration: "86400s" }),
  change("key-in-hsm", KINDS.key, { "versionTemplate.protectionLevel": "SOFTWARE" }),
  change("key-purpose", KINDS.key, { purpose: "RAW_ENCRYPT_DECRYPT" }, { where: encrypts }),
  ...[KINDS.key, KINDS.keyRing].flatMap((of) =>
    [{ protect: false }, { retainOnDelete: false }].map((set) => ({
      rule: "key-protected",
      also: [],
      breakage: { kind: "option" as const, of, set },
    })),
  ),
  change("gcp-1.9-key-members", KINDS.keyMember, { role: "roles/cloudkms.admin" }),
  ...[...NOT_PROGRAMS, "group:team@example.com"].map((member) =>
    add("gcp-1.9-key-members", KINDS.keyMember, {
      cryptoKeyId: "projects/other/locations/europe-west3/keyRings/other/cryptoKeys/other",
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member,
    }),
  ),
  {
    rule: "keys-one-per-use",
    also: ["key-consumers-after-their-grant"],
    breakage: {
      kind: "share" as const,
      of: KINDS.repository,
      path: "kmsKeyName",
      with: { of: KINDS.databaseInstance, path: "encryptionKeyName", to: KINDS.keyMember },
    },
  },
  ...[
    { of: KINDS.databaseInstance },
    { of: KINDS.cluster },
    { of: KINDS.repository },
    { of: KINDS.backupPlan },
    { of: KINDS.topic },
    // These wait for their grant by way of others, too.
    { of: KINDS.nodePool, others: [KINDS.cluster] },
    { of: KINDS.secret, others: [KINDS.topic, KINDS.topicMember] },
  ].map(({ of, others = [] }) => ({
    rule: "key-consumers-after-their-grant",
    also: [],
    breakage: { kind: "forget" as const, of, dependencyOn: [KINDS.keyMember, ...others] },
  })),
  remove("key-consumers-after-their-grant", KINDS.keyMember, {
    where: (inputs) => String(inputs.member).includes("gcp-sa-cloud-sql"),
  }),
];

const database = [
  change("database-postgres-version", KINDS.databaseInstance, { databaseVersion: "POSTGRES_16" }),
  change("database-own-key", KINDS.databaseInstance, { encryptionKeyName: undefined }),
  ...eachOf("database-deletion-protection", KINDS.databaseInstance, {
    deletionProtection: false,
    "settings.deletionProtectionEnabled": false,
  }),
  change("database-regional", KINDS.databaseInstance, { "settings.availabilityType": "ZONAL" }),
  ...eachOf("database-size-chosen", KINDS.databaseInstance, { "settings.edition": undefined, "settings.tier": "" }),
  ...eachOf("database-disk-grows", KINDS.databaseInstance, {
    "settings.diskType": "PD_HDD",
    "settings.diskAutoresize": false,
    "settings.diskAutoresizeLimit": 0,
  }),
  ...eachOf("database-connectors-only", KINDS.databaseInstance, {
    "settings.connectorEnforcement": "NOT_REQUIRED",
    "settings.dataApiAccess": "ALLOW_DATA_API",
  }),
  ...eachOf("database-backups-outlive-it", KINDS.databaseInstance, {
    "settings.retainBackupsOnDelete": false,
    "settings.finalBackupConfig": undefined,
  }),
  change("database-labels", KINDS.databaseInstance, { "settings.userLabels": {} }),
  ...eachOf("gcp-6.6-database-no-public-address", KINDS.databaseInstance, {
    [`${SQL}.ipv4Enabled`]: true,
    [`${SQL}.authorizedNetworks`]: [{ value: "0.0.0.0/0" }],
    [`${SQL}.privateNetwork`]: undefined,
  }),
  change("gcp-6.4-database-tls", KINDS.databaseInstance, { [`${SQL}.sslMode`]: "ALLOW_UNENCRYPTED_AND_ENCRYPTED" }),
  ...eachOf("database-server-certificate", KINDS.databaseInstance, {
    [`${SQL}.serverCaMode`]: "GOOGLE_MANAGED_INTERNAL_CA",
    [`${SQL}.serverCertificateRotationMode`]: undefined,
  }),
  ...eachOf("gcp-6.7-database-backups", KINDS.databaseInstance, {
    [`${BACKUP}.enabled`]: false,
    [`${BACKUP}.pointInTimeRecoveryEnabled`]: false,
    [`${BACKUP}.location`]: undefined,
    [`${BACKUP}.startTime`]: undefined,
  }),
  ...eachOf("database-backups-kept", KINDS.databaseInstance, {
    [`${BACKUP}.transactionLogRetentionDays`]: 1,
    [`${BACKUP}.backupRetentionSettings.retainedBackups`]: 7,
  }),
  ...eachOf("database-maintenance-window", KINDS.databaseInstance, {
    "settings.maintenanceWindow": undefined,
    "settings.maintenanceWindow.updateTrack": "canary",
  }),
  ...eachOf("database-insights", KINDS.databaseInstance, {
    "settings.insightsConfig.queryInsightsEnabled": false,
    "settings.insightsConfig.recordClientAddress": true,
  }),
  change("database-password-policy", KINDS.databaseInstance, { "settings.passwordValidationPolicy": undefined }),
  edit("database-iam-login", KINDS.databaseInstance, withoutFlag("cloudsql.iam_authentication")),
  ...["log_min_duration_statement", "log_lock_waits", "idle_in_transaction_session_timeout"].map((name) =>
    edit("database-logs-what-waits", KINDS.databaseInstance, withoutFlag(name)),
  ),
  edit("gcp-6.2.8-database-pgaudit", KINDS.databaseInstance, withoutFlag("cloudsql.enable_pgaudit")),
  ...eachOf("database-users-by-iam", KINDS.databaseUser, {
    type: "BUILT_IN",
    password: "a password",
    name: "relay-server@relay-test.iam.gserviceaccount.com",
  }),
  change("database-abandoned-not-dropped", KINDS.database, { deletionPolicy: "DELETE" }),
];

const cluster = [
  change("cluster-regional", KINDS.cluster, { location: "europe-west3-a" }),
  change("cluster-no-default-pool", KINDS.cluster, { removeDefaultNodePool: false }),
  change("cluster-deletion-protection", KINDS.cluster, { deletionProtection: false }),
  change("gke-5.5.4-release-channel", KINDS.cluster, { "releaseChannel.channel": "UNSPECIFIED" }),
  change("cluster-maintenance-window", KINDS.cluster, { maintenancePolicy: undefined }),
  ...eachOf("gke-5.6.2-vpc-native", KINDS.cluster, {
    networkingMode: "ROUTES",
    "ipAllocationPolicy.clusterSecondaryRangeName": undefined,
    "ipAllocationPolicy.servicesSecondaryRangeName": undefined,
  }),
  change("gke-5.6.7-dataplane-v2", KINDS.cluster, { datapathProvider: "LEGACY_DATAPATH" }),
  change("gke-5.6.1-intranode-visibility", KINDS.cluster, { enableIntranodeVisibility: false }),
  ...eachOf("cluster-network-features", KINDS.cluster, {
    enableFqdnNetworkPolicy: false,
    enableL4IlbSubsetting: false,
  }),
  change("cluster-encrypts-between-nodes", KINDS.cluster, { inTransitEncryptionConfig: undefined }),
  change("cluster-no-external-ips", KINDS.cluster, { "serviceExternalIpsConfig.enabled": true }),
  change("cluster-gateway-api", KINDS.cluster, { "gatewayApiConfig.channel": "CHANNEL_DISABLED" }),
  ...eachOf("cluster-secret-manager-addon", KINDS.cluster, {
    "secretManagerConfig.enabled": false,
    "secretManagerConfig.rotationConfig": undefined,
  }),
  ...eachOf("cluster-addons", KINDS.cluster, {
    "addonsConfig.httpLoadBalancing.disabled": true,
    "addonsConfig.dnsCacheConfig.enabled": false,
    "addonsConfig.gkeBackupAgentConfig": undefined,
  }),
  ...eachOf("gke-5.7.1-logging-and-monitoring", KINDS.cluster, {
    "loggingConfig.enableComponents": ["SYSTEM_COMPONENTS"],
    "monitoringConfig.enableComponents": ["SYSTEM_COMPONENTS"],
    "monitoringConfig.managedPrometheus.enabled": false,
  }),
  ...eachOf("cluster-tells-of-bulletins", KINDS.cluster, {
    "notificationConfig.pubsub.enabled": false,
    "notificationConfig.pubsub.topic": undefined,
  }),
  ...eachOf("cluster-costs-and-sizes", KINDS.cluster, {
    "costManagementConfig.enabled": false,
    "verticalPodAutoscaling.enabled": false,
  }),
];

const controlPlane = [
  change("gke-5.6.5-private-nodes", KINDS.cluster, { "privateClusterConfig.enablePrivateNodes": false }),
  ...eachOf("gke-5.6.4-no-public-control-plane", KINDS.cluster, {
    "privateClusterConfig.enablePrivateEndpoint": false,
    "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic": false,
  }),
  change("gke-5.6.3-authorized-networks", KINDS.cluster, {
    "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled": true,
  }),
  change("gke-5.6.3-authorized-networks", KINDS.cluster, {
    "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled": true,
    masterAuthorizedNetworksConfig: {
      gcpPublicCidrsAccessEnabled: false,
      privateEndpointEnforcementEnabled: true,
      cidrBlocks: [{ cidrBlock: "0.0.0.0/0" }],
    },
  }),
  change("gke-5.2.2-workload-identity", KINDS.cluster, { workloadIdentityConfig: undefined }),
  ...eachOf("gke-5.3.1-secrets-encrypted", KINDS.cluster, {
    "databaseEncryption.state": "DECRYPTED",
    "databaseEncryption.keyName": undefined,
  }),
  change("gke-5.10.5-binary-authorization", KINDS.cluster, { "binaryAuthorization.evaluationMode": "DISABLED" }),
  change("gke-5.5.5-shielded-nodes", KINDS.cluster, { enableShieldedNodes: false }),
  change("gke-5.8.4-no-legacy-abac", KINDS.cluster, { enableLegacyAbac: true }),
  change("gke-5.8.2-no-client-certificates", KINDS.cluster, {
    "masterAuth.clientCertificateConfig.issueClientCertificate": true,
  }),
  change("gke-5.8.3-groups-for-rbac", KINDS.cluster, { authenticatorGroupsConfig: undefined }),
  change("cluster-no-anonymous-access", KINDS.cluster, { "anonymousAuthenticationConfig.mode": "ENABLED" }),
  ...eachOf("cluster-no-insecure-bindings", KINDS.cluster, {
    "rbacBindingConfig.enableInsecureBindingSystemAuthenticated": true,
    "rbacBindingConfig.enableInsecureBindingSystemUnauthenticated": undefined,
  }),
  ...eachOf("cluster-security-posture", KINDS.cluster, {
    "securityPostureConfig.mode": "DISABLED",
    "securityPostureConfig.vulnerabilityMode": "VULNERABILITY_DISABLED",
  }),
  ...eachOf("cluster-kubelet-port-closed", KINDS.cluster, {
    "nodePoolDefaults.nodeConfigDefaults.insecureKubeletReadonlyPortEnabled": "TRUE",
    "nodePoolAutoConfig.nodeKubeletConfig.insecureKubeletReadonlyPortEnabled": undefined,
  }),
];

const nodePool = [
  ...eachOf("node-pool-scales-by-totals", KINDS.nodePool, {
    "autoscaling.totalMinNodeCount": undefined,
    autoscaling: { minNodeCount: 1, maxNodeCount: 3 },
  }),
  change("gke-5.5.2-auto-repair", KINDS.nodePool, { "management.autoRepair": false }),
  change("gke-5.5.3-auto-upgrade", KINDS.nodePool, { "management.autoUpgrade": false }),
  ...eachOf("node-pool-upgrades-without-gap", KINDS.nodePool, {
    "upgradeSettings.maxSurge": 0,
    "upgradeSettings.maxUnavailable": 1,
  }),
  change("node-pool-private", KINDS.nodePool, { "networkConfig.enablePrivateNodes": false }),
  ...eachOf("node-pool-bounds-pods", KINDS.nodePool, {
    maxPodsPerNode: undefined,
    "nodeConfig.kubeletConfig.podPidsLimit": undefined,
  }),
  change("gke-5.5.1-container-optimized-os", KINDS.nodePool, { "nodeConfig.imageType": "UBUNTU_CONTAINERD" }),
  ...["default", "1-compute@developer.gserviceaccount.com", undefined].map((account) =>
    change("gke-5.2.1-own-service-account", KINDS.nodePool, { "nodeConfig.serviceAccount": account }),
  ),
  change("gke-5.5.7-secure-boot", KINDS.nodePool, { "nodeConfig.shieldedInstanceConfig.enableSecureBoot": false }),
  change("gke-5.5.6-integrity-monitoring", KINDS.nodePool, {
    "nodeConfig.shieldedInstanceConfig.enableIntegrityMonitoring": false,
  }),
  ...eachOf("node-pool-hides-node-identity", KINDS.nodePool, {
    "nodeConfig.workloadMetadataConfig.mode": "GCE_METADATA",
    "nodeConfig.metadata": undefined,
  }),
  change("gke-5.9.1-disks-own-key", KINDS.nodePool, { "nodeConfig.bootDiskKmsKey": undefined }),
  change("node-pool-kubelet-port-closed", KINDS.nodePool, {
    "nodeConfig.kubeletConfig.insecureKubeletReadonlyPortEnabled": "TRUE",
  }),
  // The program has none yet, so the rule finds that; with one it no longer does.
  change("node-pool-with-sandbox", KINDS.nodePool, { "nodeConfig.sandboxConfig": { sandboxType: "gvisor" } }),
];

const nodes = "serviceAccount:relay-test-nodes@relay-project.iam.gserviceaccount.com";
const server = "serviceAccount:relay-test-server@relay-project.iam.gserviceaccount.com";
const identity = [
  add("node-identity-minimal", KINDS.projectMember, { role: "roles/storage.objectViewer", member: nodes }),
  ...["roles/owner", "roles/editor", "roles/storage.admin"].map((role) =>
    add("gcp-1.5-no-admin-roles", KINDS.projectMember, { role, member: server }),
  ),
  add("gcp-1.6-no-project-wide-impersonation", KINDS.projectMember, {
    role: "roles/iam.serviceAccountTokenCreator",
    member: server,
  }),
  add("workload-database-roles", KINDS.projectMember, {
    role: "roles/cloudsql.editor",
    member: server,
    condition: { expression: "true" },
  }),
  change(
    "workload-database-roles",
    KINDS.projectMember,
    { condition: undefined },
    { where: (inputs) => inputs.role === "roles/cloudsql.client" },
  ),
  ...eachOf("workload-identity-names-one", KINDS.serviceAccountMember, {
    role: "roles/iam.serviceAccountTokenCreator",
    member: "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/*",
  }),
  change("workloads-share-no-identity", KINDS.job, { [`${POD}.serviceAccountName`]: "server" }),
];

const secrets = [
  ...eachOf("secret-own-key", KINDS.secret, {
    "replication.userManaged.replicas.0.customerManagedEncryption": undefined,
    replication: { auto: {} },
  }),
  ...eachOf("secret-reminds-of-rotation", KINDS.secret, { rotation: undefined, topics: [] }),
  ...eachOf("secret-destroyed-late", KINDS.secret, { versionDestroyTtl: undefined }),
  change("secret-deletion-protection", KINDS.secret, { deletionProtection: false }),
  ...eachOf("secret-value-not-in-state", KINDS.secretVersion, {
    secretData: "a value",
    secretDataWoVersion: undefined,
  }),
  remove("secret-readers-by-name", KINDS.secretMember),
  ...NOT_PROGRAMS.map((member) => change("secret-readers-are-workloads", KINDS.secretMember, { member })),
  add("secret-no-project-wide-reader", KINDS.projectMember, {
    role: "roles/secretmanager.secretAccessor",
    member: server,
  }),
  add("secret-not-in-kubernetes", "kubernetes:core/v1:Secret", {
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    stringData: { token: "a token" },
  }),
  change("secret-files-by-addon", KINDS.secretProviderClass, { "spec.provider": "gcp" }),
  ...eachOf("secret-not-in-environment", KINDS.deployment, {
    [`${MAIN}.env`]: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "relay", key: "token" } } }],
    [`${MAIN}.envFrom`]: [{ secretRef: { name: "relay" } }],
    [`${POD}.volumes.${SECRETS}.csi.readOnly`]: false,
  }),
];

const registry = [
  ...eachOf("registry-immutable-tags", KINDS.repository, { format: "NPM", "dockerConfig.immutableTags": false }),
  change("registry-own-key", KINDS.repository, { kmsKeyName: undefined }),
  change("registry-cleans-up", KINDS.repository, { cleanupPolicies: undefined }),
  change("registry-scans", KINDS.repository, { "vulnerabilityScanningConfig.enablementConfig": "DISABLED" }),
  ...eachOf("binary-authorization-requires-attestation", KINDS.admissionPolicy, {
    "defaultAdmissionRule.evaluationMode": "ALWAYS_ALLOW",
    "defaultAdmissionRule.requireAttestationsBies": [],
  }),
  change("binary-authorization-enforced", KINDS.admissionPolicy, {
    "defaultAdmissionRule.enforcementMode": "DRYRUN_AUDIT_LOG_ONLY",
  }),
  ...eachOf("attestor-has-key", KINDS.attestor, {
    "attestationAuthorityNote.noteReference": undefined,
    "attestationAuthorityNote.publicKeys": [],
  }),
  change("images-by-digest", KINDS.deployment, { [`${MAIN}.image`]: "docker.example.com/relay/server:1.0.0" }),
  change("images-by-digest", KINDS.job, { [`${MAIN}.image`]: "docker.example.com/relay/server" }),
  ...eachOf("database-proxy-by-identity", KINDS.deployment, {
    [`${POD}.initContainers.0.args`]: ["--auto-iam-authn", "--structured-logs"],
    [`${POD}.initContainers.0.restartPolicy`]: undefined,
  }),
  edit("database-proxy-by-identity", KINDS.deployment, (inputs) => {
    (at(inputs, `${POD}.initContainers.0.args`) as string[]).push("--address=0.0.0.0");
  }),
];

const edge = [
  change(
    "gcp-3.3-dnssec",
    KINDS.zone,
    { "dnssecConfig.state": "off" },
    { where: (inputs) => inputs.visibility !== "private" },
  ),
  change("certificate-managed", KINDS.certificate, { managed: undefined, selfManaged: { pemCertificate: "pem" } }),
  remove("certificate-map-has-entries", KINDS.certificateMapEntry),
  ...eachOf("gcp-3.9-ssl-policy", KINDS.sslPolicy, { profile: "COMPATIBLE", minTlsVersion: "TLS_1_0" }),
  edit("armor-throttles", KINDS.securityPolicy, (inputs) => {
    inputs.rules = (inputs.rules as readonly Element[]).filter((rule) => rule.action !== "throttle");
  }),
  change("armor-adaptive-protection", KINDS.securityPolicy, { adaptiveProtectionConfig: undefined }),
  edit(
    "armor-leaves-webhooks-alone",
    KINDS.securityPolicy,
    (inputs) => {
      inputs.rules = (inputs.rules as readonly Element[]).map((rule) => ({ ...rule, preview: false }));
    },
    { where: watches },
  ),
  ...["relay-ingest", "relay-agents-grpc", "relay-agents-websocket"].flatMap((backend) =>
    ["relay-ingest", "relay-admin"]
      .filter((other) => other !== backend)
      .map((other) => ({
        rule: backend === "relay-ingest" ? "armor-leaves-webhooks-alone" : "armor-apart-for-agents",
        also: [],
        breakage: {
          kind: "share" as const,
          of: KINDS.backendPolicy,
          where: named(backend),
          path: `${BACKEND}.securityPolicy`,
          with: { of: KINDS.backendPolicy, where: named(other), to: KINDS.securityPolicy },
        },
      })),
  ),
  change("armor-does-not-parse-bodies", KINDS.securityPolicy, { "advancedOptionsConfig.jsonParsing": "STANDARD" }),
  remove("gateway-has-fixed-address", KINDS.globalAddress, { where: (inputs) => inputs.purpose !== "VPC_PEERING" }),
  change("gateway-has-fixed-address", KINDS.gateway, { "spec.addresses": undefined }),
  ...eachOf("gateway-global-external", KINDS.gateway, {
    "spec.gatewayClassName": "gke-l7-gxlb",
    "metadata.annotations": {},
  }),
  remove("gateway-has-tls-policy", KINDS.gatewayPolicy),
  change("gateway-has-tls-policy", KINDS.gatewayPolicy, { "spec.default.sslPolicy": undefined }),
  remove("gateway-redirects-to-https", KINDS.httpRoute, {
    where: (inputs) => at(inputs, "spec.rules.0.filters") !== undefined,
  }),
  remove("gateway-routes-each-use", KINDS.httpRoute, { where: named("admin") }),
  // Webhooks then take the route of the API, whose rules look into them.
  remove("gateway-routes-each-use", KINDS.httpRoute, {
    where: named("ingest"),
    also: ["armor-leaves-webhooks-alone"],
  }),
  change(
    "gateway-routes-each-use",
    KINDS.httpRoute,
    { "spec.rules.0.backendRefs.0.name": "relay-ingest" },
    { where: named("agents-grpc"), also: ["armor-apart-for-agents", "backend-keeps-agents"] },
  ),
  ...[KINDS.backendPolicy, KINDS.healthCheckPolicy].map((of) => remove("backend-has-policies", of)),
  ...eachOf("backend-policy-complete", KINDS.backendPolicy, {
    [`${BACKEND}.securityPolicy`]: undefined,
    [`${BACKEND}.logging.enabled`]: false,
    [`${BACKEND}.logging.sampleRate`]: undefined,
    [`${BACKEND}.connectionDraining`]: undefined,
    [`${BACKEND}.timeoutSec`]: 86_401,
  }),
  ...["relay-agents-grpc", "relay-agents-websocket"].map((backend) =>
    change("backend-keeps-agents", KINDS.backendPolicy, { [`${BACKEND}.timeoutSec`]: 30 }, { where: named(backend) }),
  ),
  ...eachOf("health-check-asks-readiness", KINDS.healthCheckPolicy, {
    [`${BACKEND}.config.type`]: "TCP",
    [`${BACKEND}.config.httpHealthCheck.requestPath`]: "/",
    [`${BACKEND}.config.httpHealthCheck.port`]: 9300,
  }),
  change(
    "service-last-hop-tls",
    KINDS.kubernetesService,
    { "spec.ports.0.appProtocol": undefined },
    { where: onPort(9300) },
  ),
  change(
    "service-last-hop-tls",
    KINDS.kubernetesService,
    { "spec.ports.0.appProtocol": "kubernetes.io/h2c" },
    { where: onPort(9302) },
  ),
  change("service-inside-only", KINDS.kubernetesService, { "spec.type": "LoadBalancer" }),
];

const namespace = [
  ...["enforce", "audit", "warn", "enforce-version"].map((mode) =>
    edit("namespace-restricted", KINDS.namespace, (inputs) => {
      const labels = at(inputs, "metadata.labels") as Inputs;
      labels[`pod-security.kubernetes.io/${mode}`] = mode === "enforce-version" ? "latest" : "baseline";
    }),
  ),
  ...[KINDS.resourceQuota, KINDS.limitRange].map((of) => remove("namespace-bounded", of)),
  ...[KINDS.validatingPolicy, KINDS.validatingBinding].map((of) => remove("admission-by-digest", of)),
  change("admission-by-digest", KINDS.validatingBinding, { "spec.validationActions": ["Warn"] }),
  change("kubernetes-provider-server-side-apply", KINDS.kubernetesProvider, { enableServerSideApply: "false" }),
];

const SECURITY = `${MAIN}.securityContext`;
const pod = [
  ...eachOf("pod-own-account", KINDS.deployment, {
    [`${POD}.serviceAccountName`]: "default",
    [`${POD}.automountServiceAccountToken`]: true,
    [`${POD}.enableServiceLinks`]: undefined,
  }),
  ...eachOf("pod-not-root", KINDS.deployment, {
    [`${POD}.securityContext.runAsNonRoot`]: false,
    [`${POD}.securityContext.runAsUser`]: 0,
    [`${POD}.securityContext.seccompProfile`]: undefined,
  }),
  ...eachOf("pod-apart-from-node", KINDS.job, {
    [`${POD}.hostNetwork`]: true,
    [`${POD}.hostPID`]: true,
    [`${POD}.hostIPC`]: true,
    [`${POD}.volumes.0`]: { name: "host", hostPath: { path: "/" } },
  }),
  change("pod-scratch-bounded", KINDS.deployment, { [`${POD}.volumes.0.emptyDir`]: {} }),
  ...eachOf("container-locked-down", KINDS.deployment, {
    [`${SECURITY}.allowPrivilegeEscalation`]: true,
    [`${SECURITY}.readOnlyRootFilesystem`]: undefined,
    [`${SECURITY}.capabilities`]: { drop: ["NET_RAW"] },
    [`${SECURITY}.capabilities.add`]: ["NET_ADMIN"],
    [`${SECURITY}.privileged`]: true,
  }),
  ...eachOf("container-resources", KINDS.deployment, {
    [`${MAIN}.resources.requests.cpu`]: undefined,
    [`${MAIN}.resources.requests.memory`]: undefined,
    [`${MAIN}.resources.limits.memory`]: undefined,
    [`${MAIN}.resources.limits.cpu`]: "1",
  }),
  change("container-leaves-last-words", KINDS.deployment, { [`${MAIN}.terminationMessagePolicy`]: "File" }),
  change("container-no-host-port", KINDS.deployment, { [`${MAIN}.ports.0.hostPort`]: 9300 }),
  ...eachOf("job-bounded", KINDS.job, {
    "spec.backoffLimit": undefined,
    "spec.activeDeadlineSeconds": undefined,
    "spec.ttlSecondsAfterFinished": undefined,
  }),
];

const SPREAD = `${POD}.topologySpreadConstraints`;
const deployment = [
  ...eachOf("deployment-rolls-without-gap", KINDS.deployment, {
    "spec.strategy.type": "Recreate",
    "spec.strategy.rollingUpdate.maxSurge": 0,
    "spec.strategy.rollingUpdate.maxUnavailable": 1,
  }),
  ...eachOf("deployment-notices-failure", KINDS.deployment, {
    "spec.minReadySeconds": undefined,
    "spec.progressDeadlineSeconds": undefined,
    "spec.revisionHistoryLimit": 0,
  }),
  ...eachOf("deployment-spread", KINDS.deployment, {
    [SPREAD]: undefined,
    [`${SPREAD}.0.whenUnsatisfiable`]: "ScheduleAnyway",
    [`${SPREAD}.0.matchLabelKeys`]: undefined,
    [`${SPREAD}.1.topologyKey`]: "example.com/rack",
  }),
  change("deployment-priority", KINDS.deployment, { [`${POD}.priorityClassName`]: undefined }),
  ...eachOf("deployment-probes", KINDS.deployment, {
    [`${MAIN}.startupProbe`]: undefined,
    [`${MAIN}.livenessProbe`]: undefined,
    [`${MAIN}.readinessProbe`]: undefined,
    [`${MAIN}.livenessProbe.httpGet.path`]: "/readyz",
  }),
  ...eachOf("deployment-drains", KINDS.deployment, {
    [`${MAIN}.lifecycle`]: undefined,
    [`${POD}.terminationGracePeriodSeconds`]: 20,
  }),
  {
    rule: "deployment-after-migrations",
    also: [],
    breakage: { kind: "forget" as const, of: KINDS.deployment, dependencyOn: [KINDS.job] },
  },
  change("deployment-replicas", KINDS.autoscaler, { "spec.minReplicas": 1 }),
  remove("deployment-has-disruption-budget", KINDS.disruptionBudget),
  change("deployment-has-disruption-budget", KINDS.disruptionBudget, { "spec.selector.matchLabels": { app: "other" } }),
  ...eachOf("disruption-budget-one-at-a-time", KINDS.disruptionBudget, {
    "spec.maxUnavailable": 0,
    "spec.unhealthyPodEvictionPolicy": undefined,
  }),
  remove("deployment-has-autoscaler", KINDS.autoscaler),
  change("autoscaler-by-load-of-the-relay", KINDS.autoscaler, {
    "spec.metrics": [{ type: "Resource", resource: { name: "cpu" } }],
  }),
  ...eachOf("autoscaler-shrinks-slowly", KINDS.autoscaler, {
    "spec.behavior": undefined,
    "spec.behavior.scaleDown.stabilizationWindowSeconds": 60,
    "spec.behavior.scaleDown.policies": [{ type: "Pods", value: 4, periodSeconds: 60 }],
    "spec.behavior.scaleDown.selectPolicy": "Disabled",
  }),
];

const networkPolicy = [
  remove("namespace-denies-by-default", KINDS.networkPolicy, {
    where: (inputs) => Object.keys(at(inputs, "spec.podSelector") as object).length === 0,
  }),
  remove("workload-has-network-policy", KINDS.networkPolicy, { where: hasRules }),
  ...eachOf(
    "network-policy-names-sources",
    KINDS.networkPolicy,
    {
      "spec.ingress": [{ ports: [{ port: 9300 }] }],
      "spec.ingress.0.from": [{ ipBlock: { cidr: "0.0.0.0/0" } }],
    },
    { where: named("server") },
  ),
  change(
    "network-policy-spares-private-ranges",
    KINDS.networkPolicy,
    { "spec.egress": [{ ports: [{ port: 443 }] }] },
    { where: hasRules },
  ),
  ...[
    { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] },
    { ports: [{ port: 443 }, { port: 22 }] },
  ].map((wrong) =>
    edit(
      "network-policy-spares-private-ranges",
      KINDS.networkPolicy,
      (inputs) => {
        const spec = inputs.spec as { egress: readonly Element[] };
        spec.egress = spec.egress.map((rule) => (leadsOut(rule) ? { ...rule, ...wrong } : rule));
      },
      { where: named("server") },
    ),
  ),
];

const recovery: readonly Mutation[] = [
  { ...remove("cluster-has-backup-plan", KINDS.backupPlan), level: "locked" },
  change("backup-plan-own-key", KINDS.backupPlan, { "backupConfig.encryptionKey": undefined }),
  ...eachOf("backup-plan-scheduled", KINDS.backupPlan, {
    backupSchedule: undefined,
    "retentionPolicy.backupRetainDays": undefined,
  }),
  ...eachOf("backup-plan-locked", KINDS.backupPlan, {
    "retentionPolicy.locked": false,
    "retentionPolicy.backupDeleteLockDays": undefined,
  }).map((mutation) => ({ ...mutation, level: "locked" as const })),
];

const titled =
  (title: string): Where =>
  (inputs) =>
    String(inputs.displayName).includes(title);
const monitoring: readonly Mutation[] = [
  ...eachOf("alert-says-what-to-do", KINDS.alertPolicy, { "documentation.content": "Help!", severity: undefined }),
  change("alert-reaches-somebody", KINDS.alertPolicy, { notificationChannels: [] }),
  change("alert-closes-by-itself", KINDS.alertPolicy, { alertStrategy: undefined }),
  change(
    "alert-by-prometheus",
    KINDS.alertPolicy,
    {
      conditions: [{ displayName: "Busy", conditionThreshold: { filter: 'metric.type="cpu"' } }],
    },
    { where: titled("is at its end") },
  ),
  ...[
    "wait for delivery",
    "refuse or fail",
    "Webhooks are refused",
    "Agents have gone",
    "out of connections",
    "disk fills up",
    "Servers wait for the database",
    "certificate is about to expire",
    "was not backed up",
    "restart again",
  ].map((title) => remove("alerts-cover-what-fails", KINDS.alertPolicy, { where: titled(title) })),
  {
    rule: "alerts-cover-what-fails",
    also: [],
    breakage: { kind: "copy", of: KINDS.databaseInstance, set: { masterInstanceName: "relay-1a2b3c4" } },
  },
  remove("alerts-have-a-channel", KINDS.notificationChannel),
  remove("uptime-checked-from-outside", KINDS.uptimeCheck),
  ...eachOf("uptime-check-validates-tls", KINDS.uptimeCheck, {
    "httpCheck.useSsl": false,
    "httpCheck.validateSsl": undefined,
  }),
  remove("slo-for-ingest-and-delivery", KINDS.slo),
];

export const policyMutations: readonly Mutation[] = [
  ...project,
  ...network,
  ...keys,
  ...database,
  ...cluster,
  ...controlPlane,
  ...nodePool,
  ...identity,
  ...secrets,
  ...registry,
  ...edge,
  ...namespace,
  ...pod,
  ...deployment,
  ...networkPolicy,
  ...recovery,
  ...monitoring,
];
