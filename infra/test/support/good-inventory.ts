// An inventory in which no rule of the policy pack finds anything: each thing the rules speak of, once, as it should be.
// Written by hand and longer than a file should be, because it is data: what is broken on purpose in a test has to be here.
import { KINDS } from "../../policy/kinds.js";
import type { InventoryEntry } from "./inventory-resources.js";

type Inputs = Readonly<Record<string, unknown>>;
interface Options {
  readonly after?: readonly string[];
  readonly from?: Readonly<Record<string, readonly string[]>>;
  readonly kept?: boolean;
}

const PROJECT = "relay-test";
const REGION = "europe-west3";
const SERVER = `${REGION}-docker.pkg.dev/${PROJECT}/relay/server@sha256:${"a".repeat(64)}`;
const PROXY = `${REGION}-docker.pkg.dev/${PROJECT}/relay/cloud-sql-proxy@sha256:${"b".repeat(64)}`;
const VERSION = "v1.33";
const labels = { app: "relay" };
const migrationLabels = { app: "relay-migrations" };

function urnOf(type: string, name: string): string {
  return `urn:pulumi:test::relay::${type}::${name}`;
}

const entries: InventoryEntry[] = [];

/** Adds a resource, by its name after those that it is made after or from. */
function add(type: string, name: string, inputs: Inputs, { after = [], from = {}, kept = false }: Options = {}): void {
  const urnsOf = (names: readonly string[]) =>
    names.map((each) => {
      const found = entries.find((entry) => entry.name === each);
      if (found === undefined) throw new Error(`good-inventory: ${each} has to be added before ${name}`);
      return found.urn;
    });
  const propertyDependencies = Object.fromEntries(Object.entries(from).map(([key, names]) => [key, urnsOf(names)]));
  entries.push({
    type,
    name,
    urn: urnOf(type, name),
    inputs,
    dependsOn: [...new Set([...urnsOf(after), ...Object.values(propertyDependencies).flat()])],
    propertyDependencies,
    protect: kept,
    retainOnDelete: kept,
  });
}

/** Adds an object of Kubernetes, as the typed and the custom resources both register it. */
function addObject(apiVersion: string, kind: string, name: string, rest: Inputs, options?: Options): void {
  const { metadata = {}, ...more } = rest;
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  const place = kind === "Namespace" || kind.startsWith("Validating") ? {} : { namespace: "relay" };
  const inputs = { apiVersion, kind, metadata: { name, ...place, ...(metadata as object) }, ...more };
  add(`kubernetes:${group}:${kind}`, name, inputs, options);
}

// Project and audit
for (const api of [
  "container",
  "sqladmin",
  "cloudkms",
  "secretmanager",
  "artifactregistry",
  "certificatemanager",
  "binaryauthorization",
  "containeranalysis",
  "servicenetworking",
  "monitoring",
  "gkebackup",
]) {
  add(KINDS.service, `api-${api}`, { service: `${api}.googleapis.com`, disableOnDestroy: false });
}
for (const api of ["sqladmin", "secretmanager", "artifactregistry"]) {
  add(KINDS.serviceIdentity, `agent-${api}`, { service: `${api}.googleapis.com` });
}
for (const api of ["cloudkms", "secretmanager"]) {
  const auditLogConfigs = [{ logType: "DATA_READ" }, { logType: "DATA_WRITE" }];
  add(KINDS.auditConfig, `audit-${api}`, { service: `${api}.googleapis.com`, auditLogConfigs });
}
add(KINDS.federationProvider, "ci", { attributeCondition: "assertion.repository == 'example/relay'" });

// Network
add(KINDS.network, "network", { autoCreateSubnetworks: false, routingMode: "REGIONAL" });
add(KINDS.subnetwork, "subnet", {
  privateIpGoogleAccess: true,
  secondaryIpRanges: [{ rangeName: "pods" }, { rangeName: "services" }],
  logConfig: { aggregationInterval: "INTERVAL_10_MIN", flowSampling: 0.5, metadata: "INCLUDE_ALL_METADATA" },
});
add(KINDS.nat, "nat", {
  natIpAllocateOption: "MANUAL_ONLY",
  natIps: ["203.0.113.7"],
  logConfig: { enable: true, filter: "ERRORS_ONLY" },
  enableDynamicPortAllocation: true,
  minPortsPerVm: 512,
});
add(KINDS.globalAddress, "services-range", { purpose: "VPC_PEERING", name: "services-range" });
add(KINDS.privateServices, "private-services", {}, { after: ["services-range"] });
add(KINDS.firewall, "deny-all", {
  direction: "INGRESS",
  denies: [{ protocol: "all" }],
  sourceRanges: ["0.0.0.0/0"],
  priority: 65534,
});
add(KINDS.firewall, "allow-health-checks", {
  direction: "INGRESS",
  allows: [{ protocol: "tcp", ports: ["9300", "9302", "9803"] }],
  sourceRanges: ["35.191.0.0/16", "130.211.0.0/22"],
});

// Keys
const KEYS: Readonly<Record<string, string>> = {
  sql: "gcp-sa-cloud-sql",
  gke: "container-engine-robot",
  disks: "compute-system",
  secrets: "gcp-sa-secretmanager",
  images: "gcp-sa-artifactregistry",
  backups: "gcp-sa-gkebackup",
};
add(KINDS.keyRing, "ring", { location: REGION }, { kept: true });
for (const [use, agent] of Object.entries(KEYS)) {
  const inputs = {
    purpose: "ENCRYPT_DECRYPT",
    rotationPeriod: "7776000s",
    destroyScheduledDuration: "2592000s",
    versionTemplate: { protectionLevel: "HSM", algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" },
  };
  add(KINDS.key, `key-${use}`, inputs, { kept: true, after: ["ring"] });
  const grant = {
    cryptoKeyId: `ring/key-${use}`,
    role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    member: `serviceAccount:service-1@${agent}.iam.gserviceaccount.com`,
  };
  add(KINDS.keyMember, `grant-${use}`, grant, { from: { cryptoKeyId: [`key-${use}`] } });
}

// Database
add(
  KINDS.databaseInstance,
  "database",
  {
    databaseVersion: "POSTGRES_17",
    region: REGION,
    encryptionKeyName: "ring/key-sql",
    deletionProtection: true,
    settings: {
      edition: "ENTERPRISE",
      tier: "db-custom-2-8192",
      availabilityType: "REGIONAL",
      diskType: "PD_SSD",
      diskAutoresize: true,
      diskAutoresizeLimit: 500,
      connectorEnforcement: "REQUIRED",
      dataApiAccess: "DISALLOW_DATA_API",
      deletionProtectionEnabled: true,
      retainBackupsOnDelete: true,
      finalBackupConfig: { enabled: true, retentionDays: 30 },
      userLabels: { app: "relay" },
      ipConfiguration: {
        ipv4Enabled: false,
        privateNetwork: "network",
        sslMode: "ENCRYPTED_ONLY",
        serverCaMode: "GOOGLE_MANAGED_CAS_CA",
        serverCertificateRotationMode: "AUTOMATIC_ROTATION_DURING_MAINTENANCE",
      },
      backupConfiguration: {
        enabled: true,
        pointInTimeRecoveryEnabled: true,
        transactionLogRetentionDays: 7,
        backupRetentionSettings: { retainedBackups: 30 },
        location: REGION,
        startTime: "02:00",
      },
      maintenanceWindow: { day: 7, hour: 3, updateTrack: "stable" },
      insightsConfig: { queryInsightsEnabled: true, recordClientAddress: false },
      passwordValidationPolicy: { enablePasswordPolicy: true },
      databaseFlags: [
        { name: "cloudsql.iam_authentication", value: "on" },
        { name: "log_min_duration_statement", value: "1000" },
        { name: "log_lock_waits", value: "on" },
        { name: "idle_in_transaction_session_timeout", value: "60000" },
        { name: "cloudsql.enable_pgaudit", value: "on" },
      ],
    },
  },
  { after: ["private-services", "grant-sql"], from: { encryptionKeyName: ["key-sql"] } },
);
add(KINDS.databaseUser, "user", { type: "CLOUD_IAM_SERVICE_ACCOUNT", name: `relay-server@${PROJECT}.iam` });
add(KINDS.database, "relay", { deletionPolicy: "ABANDON", name: "relay" });

// Identity
add(KINDS.serviceAccount, "nodes", { accountId: "relay-nodes" });
add(KINDS.serviceAccount, "server", { accountId: "relay-server" });
for (const role of ["logging.logWriter", "monitoring.metricWriter", "monitoring.viewer", "artifactregistry.reader"]) {
  add(KINDS.projectMember, `nodes-${role}`, {
    role: `roles/${role}`,
    member: `serviceAccount:relay-nodes@${PROJECT}.iam.gserviceaccount.com`,
  });
}
for (const role of ["client", "instanceUser"]) {
  add(KINDS.projectMember, `server-${role}`, {
    role: `roles/cloudsql.${role}`,
    member: `serviceAccount:relay-server@${PROJECT}.iam.gserviceaccount.com`,
    condition: { title: "this instance", expression: "resource.name == 'projects/relay-test/instances/relay'" },
  });
}
add(
  KINDS.serviceAccountMember,
  "server-identity",
  {
    serviceAccountId: `projects/${PROJECT}/serviceAccounts/relay-server@${PROJECT}.iam.gserviceaccount.com`,
    role: "roles/iam.workloadIdentityUser",
    member: `serviceAccount:${PROJECT}.svc.id.goog[relay/relay-server]`,
  },
  { from: { serviceAccountId: ["server"] } },
);

// Cluster
add(
  KINDS.cluster,
  "cluster",
  {
    location: REGION,
    removeDefaultNodePool: true,
    deletionProtection: true,
    releaseChannel: { channel: "REGULAR" },
    maintenancePolicy: { recurringWindow: { recurrence: "FREQ=WEEKLY;BYDAY=SA,SU" } },
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
    privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true },
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: false },
    },
    datapathProvider: "ADVANCED_DATAPATH",
    enableIntranodeVisibility: true,
    enableFqdnNetworkPolicy: true,
    enableL4IlbSubsetting: true,
    inTransitEncryptionConfig: "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
    workloadIdentityConfig: { workloadPool: `${PROJECT}.svc.id.goog` },
    databaseEncryption: { state: "ENCRYPTED", keyName: "ring/key-gke" },
    binaryAuthorization: { evaluationMode: "PROJECT_SINGLETON_POLICY_ENFORCE" },
    enableShieldedNodes: true,
    enableLegacyAbac: false,
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    authenticatorGroupsConfig: { securityGroup: "gke-security-groups@example.com" },
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_BASIC" },
    serviceExternalIpsConfig: { enabled: false },
    nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
    nodePoolAutoConfig: { nodeKubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
    gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
    secretManagerConfig: { enabled: true, rotationConfig: { enabled: true, rotationInterval: "300s" } },
    addonsConfig: {
      httpLoadBalancing: { disabled: false },
      dnsCacheConfig: { enabled: true },
      gkeBackupAgentConfig: { enabled: true },
    },
    loggingConfig: { enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"] },
    monitoringConfig: {
      enableComponents: ["SYSTEM_COMPONENTS", "POD", "DEPLOYMENT", "HPA"],
      managedPrometheus: { enabled: true },
    },
    notificationConfig: { pubsub: { enabled: true, topic: "bulletins" } },
    costManagementConfig: { enabled: true },
    verticalPodAutoscaling: { enabled: true },
  },
  { after: ["grant-gke"], from: { databaseEncryption: ["key-gke"] } },
);
add(
  KINDS.nodePool,
  "pool",
  {
    autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 9 },
    management: { autoRepair: true, autoUpgrade: true },
    upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
    networkConfig: { enablePrivateNodes: true },
    maxPodsPerNode: 32,
    nodeConfig: {
      imageType: "COS_CONTAINERD",
      serviceAccount: `relay-nodes@${PROJECT}.iam.gserviceaccount.com`,
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
      workloadMetadataConfig: { mode: "GKE_METADATA" },
      bootDiskKmsKey: "ring/key-disks",
      metadata: { "disable-legacy-endpoints": "true" },
      kubeletConfig: { podPidsLimit: 4096, insecureKubeletReadonlyPortEnabled: "FALSE" },
      sandboxConfig: { sandboxType: "gvisor" },
    },
  },
  { after: ["cluster", "grant-disks"], from: { nodeConfig: ["key-disks", "nodes"] } },
);

// Secrets
add(
  KINDS.secret,
  "admin-token",
  {
    secretId: "relay-admin-token",
    replication: {
      userManaged: {
        replicas: [{ location: REGION, customerManagedEncryption: { kmsKeyName: "ring/key-secrets" } }],
      },
    },
    rotation: { rotationPeriod: "7776000s", nextRotationTime: "2027-01-01T00:00:00Z" },
    topics: [{ name: "rotations" }],
    versionDestroyTtl: "604800s",
    deletionProtection: true,
  },
  { after: ["grant-secrets"], from: { replication: ["key-secrets"] } },
);
add(KINDS.secretVersion, "admin-token-1", { secretDataWo: "[secret]", secretDataWoVersion: 1 });
add(
  KINDS.secretMember,
  "admin-token-reader",
  {
    secretId: "relay-admin-token",
    role: "roles/secretmanager.secretAccessor",
    member: "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/subject/ns/relay/sa/s",
  },
  { from: { secretId: ["admin-token"] } },
);

// Images
add(
  KINDS.repository,
  "registry",
  {
    location: REGION,
    format: "DOCKER",
    kmsKeyName: "ring/key-images",
    dockerConfig: { immutableTags: true },
    cleanupPolicies: [{ id: "keep-recent", action: "KEEP" }],
    vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
  },
  { after: ["grant-images"], from: { kmsKeyName: ["key-images"] } },
);
add(KINDS.attestor, "attestor", {
  attestationAuthorityNote: { noteReference: "note", publicKeys: [{ pkixPublicKey: { publicKeyPem: "pem" } }] },
});
add(KINDS.admissionPolicy, "admission", {
  defaultAdmissionRule: {
    evaluationMode: "REQUIRE_ATTESTATION",
    enforcementMode: "ENFORCED_BLOCK_AND_AUDIT_LOG",
    requireAttestationsBies: ["attestor"],
  },
});

// Edge
add(KINDS.globalAddress, "edge-address", { name: "relay-edge" });
add(KINDS.zone, "zone", { visibility: "public", dnssecConfig: { state: "on" } });
add(KINDS.certificate, "certificate", { managed: { domains: ["relay.example.com"], dnsAuthorizations: ["dns"] } });
add(KINDS.certificateMap, "certificates", {});
add(KINDS.certificateMapEntry, "certificates-entry", { map: "certificates", certificates: ["certificate"] });
add(KINDS.sslPolicy, "tls", { profile: "RESTRICTED", minTlsVersion: "TLS_1_2" });
const throttle = {
  action: "throttle",
  priority: 1000,
  match: { versionedExpr: "SRC_IPS_V1" },
  rateLimitOptions: { enforceOnKey: "IP", rateLimitThreshold: { count: 600, intervalSec: 60 } },
};
const watch = {
  action: "deny(403)",
  priority: 2000,
  preview: true,
  match: {
    expr: {
      expression: "request.headers['host'] == 'ui.example.com' && evaluatePreconfiguredWaf('sqli-v33-stable')",
    },
  },
};
for (const [name, rules] of [
  ["armor-senders", [throttle, watch]],
  ["armor-agents", [throttle]],
] as const) {
  add(KINDS.securityPolicy, name, {
    rules,
    adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: true } },
    advancedOptionsConfig: { jsonParsing: "DISABLED" },
  });
}

// Kubernetes: namespace and admission
add(KINDS.kubernetesProvider, "kubernetes", { enableServerSideApply: "true" });
addObject("v1", "Namespace", "relay", {
  metadata: {
    labels: Object.fromEntries(
      ["enforce", "audit", "warn"].flatMap((mode) => [
        [`pod-security.kubernetes.io/${mode}`, "restricted"],
        [`pod-security.kubernetes.io/${mode}-version`, VERSION],
      ]),
    ),
  },
});
addObject("v1", "ResourceQuota", "quota", { spec: { hard: { pods: "50" } } });
addObject("v1", "LimitRange", "limits", { spec: { limits: [{ type: "Container" }] } });
addObject("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "by-digest", {
  spec: { validations: [{ expression: "object.spec.containers.all(c, c.image.contains('@sha256:'))" }] },
});
addObject("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "by-digest-binding", {
  spec: { policyName: "by-digest", validationActions: ["Deny"] },
});

// Kubernetes: workloads
const securityContext = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } };
const container = {
  terminationMessagePolicy: "FallbackToLogsOnError",
  resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { memory: "1Gi" } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
};
const proxy = {
  ...container,
  name: "database-proxy",
  image: PROXY,
  restartPolicy: "Always",
  args: ["--auto-iam-authn", "--private-ip", "--structured-logs", "relay-test:europe-west3:relay"],
};
const volumes = [
  { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
  { name: "secrets", csi: { driver: "secrets-store-gke.csi.k8s.io", readOnly: true } },
];
const pod = { automountServiceAccountToken: false, enableServiceLinks: false, securityContext, volumes };
addObject("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "secrets", { spec: { provider: "gke" } });
addObject("batch/v1", "Job", "migrations", {
  spec: {
    backoffLimit: 3,
    activeDeadlineSeconds: 600,
    ttlSecondsAfterFinished: 3600,
    template: {
      metadata: { labels: migrationLabels },
      spec: {
        ...pod,
        serviceAccountName: "relay-migrations",
        initContainers: [proxy],
        containers: [{ ...container, name: "migrate", image: SERVER, args: ["migrate"] }],
      },
    },
  },
});
addObject(
  "apps/v1",
  "Deployment",
  "relay-server",
  {
    spec: {
      replicas: 3,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      minReadySeconds: 10,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 5,
      template: {
        metadata: { labels },
        spec: {
          ...pod,
          serviceAccountName: "relay-server",
          priorityClassName: "relay",
          terminationGracePeriodSeconds: 90,
          topologySpreadConstraints: [
            {
              topologyKey: "topology.kubernetes.io/zone",
              whenUnsatisfiable: "DoNotSchedule",
              matchLabelKeys: ["pod-template-hash"],
            },
            { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
          ],
          initContainers: [proxy],
          containers: [
            {
              ...container,
              name: "relay",
              image: SERVER,
              ports: [{ containerPort: 9300 }, { containerPort: 9302 }, { containerPort: 9803 }],
              env: [{ name: "ADMIN_API_SECRET_FILE", value: "/var/run/secrets/relay/admin" }],
              startupProbe: { httpGet: { path: "/healthz", port: 9803 } },
              livenessProbe: { httpGet: { path: "/healthz", port: 9803 } },
              readinessProbe: { httpGet: { path: "/readyz", port: 9803 } },
              lifecycle: { preStop: { sleep: { seconds: 15 } } },
            },
          ],
        },
      },
    },
  },
  { after: ["migrations"] },
);
addObject("policy/v1", "PodDisruptionBudget", "budget", {
  spec: { selector: { matchLabels: labels }, maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" },
});
addObject("autoscaling/v2", "HorizontalPodAutoscaler", "autoscaler", {
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "relay-server" },
    minReplicas: 3,
    maxReplicas: 9,
    metrics: [
      { type: "Resource", resource: { name: "cpu" } },
      { type: "Pods", pods: { metric: { name: "relay_agents_connected" } } },
    ],
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 120 }] },
    },
  },
});

// Kubernetes: network policies
addObject("networking.k8s.io/v1", "NetworkPolicy", "default-deny", {
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});
addObject("networking.k8s.io/v1", "NetworkPolicy", "server", {
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ ipBlock: { cidr: "35.191.0.0/16" } }], ports: [{ port: 9300 }] }],
    egress: [
      { to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: "UDP" }] },
      {
        to: [
          {
            ipBlock: {
              cidr: "0.0.0.0/0",
              except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"],
            },
          },
        ],
        ports: [{ port: 443 }, { port: 80 }],
      },
    ],
  },
});
addObject("networking.k8s.io/v1", "NetworkPolicy", "migrations-policy", {
  spec: {
    podSelector: { matchLabels: migrationLabels },
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "10.8.0.0/24" } }], ports: [{ port: 3307 }] }],
  },
});

// Kubernetes: edge
addObject("gateway.networking.k8s.io/v1", "Gateway", "edge", {
  metadata: { annotations: { "networking.gke.io/certmap": "certificates" } },
  spec: {
    gatewayClassName: "gke-l7-global-external-managed",
    addresses: [{ type: "NamedAddress", value: "relay-edge" }],
    listeners: [
      { name: "http", protocol: "HTTP", port: 80 },
      { name: "https", protocol: "HTTPS", port: 443 },
    ],
  },
});
addObject("networking.gke.io/v1", "GCPGatewayPolicy", "edge-tls", {
  spec: { default: { sslPolicy: "tls" }, targetRef: { kind: "Gateway", name: "edge" } },
});
addObject("gateway.networking.k8s.io/v1", "HTTPRoute", "redirect", {
  spec: { rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }] },
});
const SERVICES = [
  { name: "ingest", port: 9300, appProtocol: "HTTPS", timeoutSec: 30, armor: "armor-senders" },
  { name: "ui", port: 9300, appProtocol: "HTTPS", timeoutSec: 30, armor: "armor-senders" },
  { name: "agents", port: 9302, appProtocol: "HTTP2", timeoutSec: 3600, armor: "armor-agents" },
];
for (const { name, port, appProtocol, timeoutSec, armor } of SERVICES) {
  addObject("v1", "Service", name, { spec: { type: "ClusterIP", ports: [{ port, targetPort: port, appProtocol }] } });
  addObject("gateway.networking.k8s.io/v1", "HTTPRoute", `${name}-route`, {
    spec: { rules: [{ backendRefs: [{ name, port }] }] },
  });
  const targetRef = { group: "", kind: "Service", name };
  addObject("networking.gke.io/v1", "GCPBackendPolicy", `${name}-backend`, {
    spec: {
      default: {
        securityPolicy: armor,
        logging: { enabled: true, sampleRate: 100000 },
        connectionDraining: { drainingTimeoutSec: 60 },
        timeoutSec,
      },
      targetRef,
    },
  });
  const httpHealthCheck = { port: 9803, requestPath: "/readyz" };
  addObject("networking.gke.io/v1", "HealthCheckPolicy", `${name}-health`, {
    spec: { default: { config: { type: "HTTP", httpHealthCheck } }, targetRef },
  });
}

// Recovery and watching
add(
  KINDS.backupPlan,
  "backups",
  {
    backupConfig: { encryptionKey: { gcpKmsEncryptionKey: "ring/key-backups" } },
    backupSchedule: { cronSchedule: "0 3 * * *" },
    retentionPolicy: { backupRetainDays: 30, backupDeleteLockDays: 7, locked: true },
  },
  { after: ["grant-backups"], from: { backupConfig: ["key-backups"] } },
);
add(KINDS.notificationChannel, "on-call", { type: "email" });
for (const [name, query] of [
  ["Oldest undelivered webhook", "relay_oldest_undelivered_seconds > 600"],
  ["Deliveries fail", "relay_deliveries_failed_ratio > 0.1"],
  ["Ingest answers 5xx", "relay_ingest_5xx > 1"],
  ["Agents are gone", "relay_agents_connected < 1"],
  ["Database connections run out", "database_connections > 400"],
  ["Database disk fills", "database_disk_utilization > 0.8"],
  ["Database replica lags", "database_replication_lag > 10"],
  ["Pool is exhausted", "relay_pool_waiting > 10"],
  ["Certificate expires", "certificate_expiry_days < 14"],
  ["Backup is old", "backup_age_hours > 26"],
  ["Pods restart", "kube_pod_container_status_restarts_total > 5"],
] as const) {
  add(KINDS.alertPolicy, name, {
    displayName: name,
    severity: "WARNING",
    documentation: {
      content: `${name}: open the dashboard, look at the last hour, and follow the runbook step by step.`,
    },
    conditions: [{ displayName: name, conditionPrometheusQueryLanguage: { query, duration: "300s" } }],
    notificationChannels: ["on-call"],
    alertStrategy: { autoClose: "604800s" },
  });
}
for (const name of ["ingest", "ui"]) {
  add(KINDS.uptimeCheck, `${name}-uptime`, { httpCheck: { path: "/", useSsl: true, validateSsl: true } });
  add(KINDS.slo, `${name}-objective`, { goal: 0.999 });
}

/** What a program that follows every rule registers. Replaced by the inventory of the real program where that is told. */
export const goodInventory: readonly InventoryEntry[] = entries;
