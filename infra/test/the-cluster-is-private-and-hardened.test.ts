import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

const variants = [...LEVELS.map((level) => ({ level, autopilot: false })), { level: "prod" as const, autopilot: true }];

describe.each(variants)("$level, autopilot: $autopilot", async ({ level, autopilot }) => {
  const program = await programOf(level, { autopilot: String(autopilot) });
  const { inputs } = program.one("container.Cluster");

  test("it is regional, upgrades itself through a channel, and only at weekends", () => {
    expect(inputs).toMatchObject({
      location: "europe-west3",
      releaseChannel: { channel: "REGULAR" },
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
      deletionProtection: level !== "dev",
    });
    const { startTime, endTime, recurrence } = (inputs.maintenancePolicy as Maintenance).recurringWindow;
    expect(recurrence).toBe("FREQ=WEEKLY;BYDAY=SA,SU");
    // Google wants 48 hours in any 32 days, in windows of 4 hours or more: the worst 32 days have four weekends.
    const hours = (Date.parse(endTime) - Date.parse(startTime)) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(4);
    expect(hours * 2 * 4).toBeGreaterThanOrEqual(48);
  });

  test("threat: the control plane is called from anywhere; it has no address, and IAM decides whom its name answers", () => {
    expect(inputs).toMatchObject({
      privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true },
      controlPlaneEndpointsConfig: {
        dnsEndpointConfig: { allowExternalTraffic: true },
        ipEndpointsConfig: { enabled: false },
      },
    });
    // There is no address whose clients would have to be named.
    expect(inputs).not.toHaveProperty("masterAuthorizedNetworksConfig");
  });

  test("its secrets are encrypted, only attested images run, and nobody comes with a certificate or without a name", () => {
    expect(inputs).toMatchObject({
      databaseEncryption: { state: "ENCRYPTED", keyName: expect.stringContaining("/relay-clusterSecrets-") },
      binaryAuthorization: { evaluationMode: "PROJECT_SINGLETON_POLICY_ENFORCE" },
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
      anonymousAuthenticationConfig: { mode: "LIMITED" },
      rbacBindingConfig: {
        enableInsecureBindingSystemAuthenticated: false,
        enableInsecureBindingSystemUnauthenticated: false,
      },
      securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_BASIC" },
      ...(level === "locked"
        ? { authenticatorGroupsConfig: { securityGroup: "gke-security-groups@example.com" } }
        : {}),
    });
  });

  test("it has what the relay needs of it: gateways, secrets as files that are renewed, backups", () => {
    expect(inputs).toMatchObject({
      gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
      secretManagerConfig: { enabled: true, rotationConfig: { enabled: true } },
      addonsConfig: { gkeBackupAgentConfig: { enabled: true } },
    });
  });

  test("it is watched: logs, metrics, cost, and news of its security", () => {
    expect(inputs).toMatchObject({
      loggingConfig: { enableComponents: expect.arrayContaining(["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"]) },
      monitoringConfig: {
        enableComponents: expect.arrayContaining(["SYSTEM_COMPONENTS", "POD", "DEPLOYMENT", "HPA"]),
        managedPrometheus: { enabled: true },
      },
      notificationConfig: {
        pubsub: { enabled: true, filter: { eventTypes: expect.arrayContaining(["SECURITY_BULLETIN_EVENT"]) } },
      },
      costManagementConfig: { enabled: true },
    });
  });

  test("no kubelet answers without asking who it is", () => {
    const off = { insecureKubeletReadonlyPortEnabled: "FALSE" };
    expect(inputs).toMatchObject({ nodePoolAutoConfig: { nodeKubeletConfig: off } });
    if (!autopilot) expect(inputs).toMatchObject({ nodePoolDefaults: { nodeConfigDefaults: off } });
    for (const pool of program.all("container.NodePool"))
      expect(pool.inputs).toMatchObject({ nodeConfig: { kubeletConfig: off } });
  });

  test("people reach it by a role of IAM that does not let them change it", () => {
    const roles = program
      .all("projects.IAMMember")
      .filter(({ inputs: grant }) => String(grant.role).includes("container."));
    expect(roles.map(({ inputs: grant }) => [grant.member, grant.role])).toEqual(
      level === "dev" ? [] : [["group:relay-admins@example.com", "roles/container.developer"]],
    );
  });
});

describe.each(LEVELS)("%s on Standard", async (level) => {
  const program = await programOf(level);
  const cluster = program.one("container.Cluster");
  const pool = program.one("container.NodePool");

  test("traffic between pods is policed, seen, and encrypted between nodes", () => {
    expect(cluster.inputs).toMatchObject({
      datapathProvider: "ADVANCED_DATAPATH",
      enableIntranodeVisibility: true,
      enableFqdnNetworkPolicy: true,
      inTransitEncryptionConfig: "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
      enableL4IlbSubsetting: true,
      serviceExternalIpsConfig: { enabled: false },
    });
  });

  test("what is old and open is off, what is new and needed is on", () => {
    expect(cluster.inputs).toMatchObject({
      enableShieldedNodes: true,
      enableLegacyAbac: false,
      workloadIdentityConfig: { workloadPool: "relay-project.svc.id.goog" },
      addonsConfig: { httpLoadBalancing: { disabled: false }, dnsCacheConfig: { enabled: true } },
      verticalPodAutoscaling: { enabled: true },
    });
  });

  test("the default pool is removed, is held to the same while it lives, and is not compared with the other's nodes", () => {
    expect(cluster.inputs).toMatchObject({
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: {
        serviceAccount: "relay-test-nodes@relay-project.iam.gserviceaccount.com",
        bootDiskKmsKey: expect.stringContaining("/relay-disks-"),
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        workloadMetadataConfig: { mode: "GKE_METADATA" },
      },
    });
    expect(cluster.ignoreChanges).toContain("nodeConfig");
  });

  test("nodes scale by their sum over the zones, repair themselves, and go one by one after the next is there", () => {
    expect(pool.inputs).toMatchObject({
      autoscaling: { totalMinNodeCount: level === "dev" ? 1 : 3, totalMaxNodeCount: level === "dev" ? 3 : 9 },
      management: { autoRepair: true, autoUpgrade: true },
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      networkConfig: { enablePrivateNodes: true },
      maxPodsPerNode: 32,
    });
    expect(pool.ignoreChanges).toContain("initialNodeCount");
  });

  test("threat: a node is taken over; it boots only what is signed, and hands pods no identity but their own", () => {
    expect(pool.inputs).toMatchObject({
      nodeConfig: {
        imageType: "COS_CONTAINERD",
        serviceAccount: "relay-test-nodes@relay-project.iam.gserviceaccount.com",
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        workloadMetadataConfig: { mode: "GKE_METADATA" },
        metadata: { "disable-legacy-endpoints": "true" },
        kubeletConfig: { podPidsLimit: 4096 },
        bootDiskKmsKey: expect.stringContaining("/relay-disks-"),
      },
    });
  });

  // Memory encryption costs speed, and a choice of machines: locked has it.
  test(level === "locked" ? "the nodes' memory is encrypted" : "the nodes are ordinary machines", () => {
    const expected = level === "locked" ? { enabled: true, confidentialInstanceType: "SEV" } : undefined;
    expect((pool.inputs.nodeConfig as { confidentialNodes?: unknown }).confidentialNodes).toEqual(expected);
  });
});

describe("Autopilot", async () => {
  const program = await programOf("prod", { autopilot: "true" });
  const { inputs } = program.one("container.Cluster");

  // What the provider's schema says conflicts with enableAutopilot, or what Autopilot decides by itself.
  test("is told nothing that it refuses to be told", () => {
    const refused = [
      "enableIntranodeVisibility",
      "enableShieldedNodes",
      "initialNodeCount",
      "networkPolicy",
      "nodeConfig",
      "nodePoolDefaults",
      "nodePools",
      "removeDefaultNodePool",
      "workloadIdentityConfig",
    ];
    expect(Object.keys(inputs).filter((key) => refused.includes(key))).toEqual([]);
    expect(inputs).not.toHaveProperty("addonsConfig.dnsCacheConfig");
    expect(inputs).not.toHaveProperty("clusterAutoscaling.enabled");
    expect(inputs).not.toHaveProperty("clusterAutoscaling.resourceLimits");
    expect(program.all("container.NodePool")).toEqual([]);
  });

  test("runs its nodes under the stack's own account and key", () => {
    expect(inputs).toMatchObject({
      enableAutopilot: true,
      clusterAutoscaling: {
        autoProvisioningDefaults: {
          serviceAccount: "relay-test-nodes@relay-project.iam.gserviceaccount.com",
          bootDiskKmsKey: expect.stringContaining("/relay-disks-"),
        },
      },
    });
  });
});

interface Maintenance {
  readonly recurringWindow: { readonly startTime: string; readonly endTime: string; readonly recurrence: string };
}
