/**
 * What the cluster has switched on and off. Autopilot decides much of it by itself and refuses to be told; Standard has to
 * be told everything.
 */
import type { container } from "@pulumi/gcp";
import type { ClusterArgs } from "./cluster-args.js";

/** Settings of either mode. */
export function commonFeatures({ config, project, network, keys, notices }: ClusterArgs): container.ClusterArgs {
  return {
    project: project.id,
    location: config.region,
    deletionProtection: config.deletionProtection,
    network: network.id,
    subnetwork: network.subnetwork,
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: network.podRange,
      servicesSecondaryRangeName: network.serviceRange,
    },
    releaseChannel: { channel: "REGULAR" },
    maintenancePolicy: {
      recurringWindow: {
        startTime: "2026-01-03T02:00:00Z",
        endTime: "2026-01-03T08:00:00Z",
        recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
      },
    },
    privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: true },
    // No address of the control plane at all (CIS GKE 2.0 5.6.4): a DNS name, and IAM decides who it answers.
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: false },
    },
    databaseEncryption: { state: "ENCRYPTED", keyName: keys.id("clusterSecrets") },
    binaryAuthorization: { evaluationMode: "PROJECT_SINGLETON_POLICY_ENFORCE" },
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    ...(config.securityGroup === undefined
      ? {}
      : { authenticatorGroupsConfig: { securityGroup: config.securityGroup } }),
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_BASIC" },
    gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
    secretManagerConfig: { enabled: true, rotationConfig: { enabled: true, rotationInterval: "120s" } },
    loggingConfig: { enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"] },
    monitoringConfig: {
      enableComponents: ["SYSTEM_COMPONENTS", "APISERVER", "POD", "DEPLOYMENT", "HPA", "CADVISOR", "KUBELET"],
      managedPrometheus: { enabled: true },
    },
    notificationConfig: {
      pubsub: {
        enabled: true,
        topic: notices,
        filter: { eventTypes: ["SECURITY_BULLETIN_EVENT", "UPGRADE_AVAILABLE_EVENT"] },
      },
    },
    costManagementConfig: { enabled: true },
    resourceLabels: { app: "relay", level: config.level },
  };
}

/** What only Standard is told. */
export function standardFeatures({ project, keys, identities }: ClusterArgs): container.ClusterArgs {
  return {
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    // The default pool lives for minutes, and is held to the same as the other.
    nodeConfig: {
      serviceAccount: identities.nodes.email,
      bootDiskKmsKey: keys.id("disks"),
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
      workloadMetadataConfig: { mode: "GKE_METADATA" },
    },
    workloadIdentityConfig: { workloadPool: project.workloadPool },
    datapathProvider: "ADVANCED_DATAPATH",
    enableIntranodeVisibility: true,
    enableFqdnNetworkPolicy: true,
    inTransitEncryptionConfig: "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT",
    enableL4IlbSubsetting: true,
    enableShieldedNodes: true,
    enableLegacyAbac: false,
    serviceExternalIpsConfig: { enabled: false },
    nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
    nodePoolAutoConfig: { nodeKubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
    addonsConfig: {
      httpLoadBalancing: { disabled: false },
      horizontalPodAutoscaling: { disabled: false },
      dnsCacheConfig: { enabled: true },
      gcePersistentDiskCsiDriverConfig: { enabled: true },
      gkeBackupAgentConfig: { enabled: true },
    },
    verticalPodAutoscaling: { enabled: true },
  };
}

/** What only Autopilot is told. */
export function autopilotFeatures({ keys, identities }: ClusterArgs): container.ClusterArgs {
  return {
    enableAutopilot: true,
    addonsConfig: { gkeBackupAgentConfig: { enabled: true } },
    nodePoolAutoConfig: { nodeKubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
    clusterAutoscaling: {
      autoProvisioningDefaults: {
        serviceAccount: identities.nodes.email,
        oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
        bootDiskKmsKey: keys.id("disks"),
      },
    },
  };
}
