import { expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { type Rule, resourceRule } from "./core/rule.js";
import type { Value } from "./core/value.js";
import { isAutopilot } from "./is-autopilot.js";
import { KINDS } from "./kinds.js";

const of = [KINDS.cluster];

function holds(list: Value | undefined, ...wanted: readonly string[]): boolean {
  return Array.isArray(list) && wanted.every((each) => list.includes(each));
}

export const clusterRules: readonly Rule[] = [
  resourceRule({
    id: "cluster-regional",
    title: "The cluster survives the loss of a zone",
    why: "A zonal control plane is away with its zone, and during each upgrade.",
    fix: "Set location to a region.",
    level: "production",
    of,
    check: ({ props }) =>
      expectThat(props, "location", {
        says: "is a zone, not a region",
        test: (location) => typeof location === "string" && !/-[a-z]$/.test(location),
      }),
  }),
  resourceRule({
    id: "cluster-no-default-pool",
    title: "The default node pool is removed",
    why: "It has Google's default identity and disks, not yours.",
    fix: "Set removeDefaultNodePool: true.",
    of,
    check: (cluster) => (isAutopilot(cluster) ? [] : expectValue(cluster.props, "removeDefaultNodePool", true)),
  }),
  resourceRule({
    id: "cluster-deletion-protection",
    title: "The cluster cannot be deleted by accident",
    why: "Agents and webhooks in flight go with it.",
    fix: "Set deletionProtection: true.",
    level: "production",
    of,
    check: ({ props }) => expectValue(props, "deletionProtection", true),
  }),
  resourceRule({
    id: "gke-5.5.4-release-channel",
    title: "The cluster follows a release channel",
    why: "Security fixes then come by themselves, after they were tried in faster channels.",
    fix: "Set releaseChannel.channel: REGULAR.",
    of,
    check: ({ props }) => expectValue(props, "releaseChannel.channel", ["REGULAR", "STABLE", "EXTENDED"]),
  }),
  resourceRule({
    id: "cluster-maintenance-window",
    title: "Upgrades of the cluster have their hours",
    why: "Each moves every pod, and each move disconnects agents.",
    fix: "Set maintenancePolicy.recurringWindow.",
    of,
    check: ({ props }) => expectSet(props, "maintenancePolicy.recurringWindow.recurrence"),
  }),
  resourceRule({
    id: "gke-5.6.2-vpc-native",
    title: "Pods have addresses of the network",
    why: "Firewalls, flow logs and container-native load balancing work on pods only then.",
    fix: "Set networkingMode: VPC_NATIVE and both names in ipAllocationPolicy.",
    of,
    check: ({ props }) => [
      ...expectValue(props, "networkingMode", "VPC_NATIVE"),
      ...expectSet(
        props,
        "ipAllocationPolicy.clusterSecondaryRangeName",
        "ipAllocationPolicy.servicesSecondaryRangeName",
      ),
    ],
  }),
  resourceRule({
    id: "gke-5.6.7-dataplane-v2",
    title: "Network policies are enforced",
    why: "Without Dataplane V2 they are accepted and do nothing.",
    fix: "Set datapathProvider: ADVANCED_DATAPATH.",
    of,
    check: (cluster) =>
      isAutopilot(cluster) ? [] : expectValue(cluster.props, "datapathProvider", "ADVANCED_DATAPATH"),
  }),
  resourceRule({
    id: "gke-5.6.1-intranode-visibility",
    title: "Traffic between pods of one node is seen",
    why: "It would pass by firewalls and flow logs.",
    fix: "Set enableIntranodeVisibility: true.",
    of,
    check: (cluster) => (isAutopilot(cluster) ? [] : expectValue(cluster.props, "enableIntranodeVisibility", true)),
  }),
  resourceRule({
    id: "cluster-network-features",
    title: "Policies by name and subsets of nodes behind load balancers are on",
    why: "They cannot be switched on later without touching every node.",
    fix: "Set enableFqdnNetworkPolicy: true and enableL4IlbSubsetting: true.",
    of,
    check: (cluster) =>
      isAutopilot(cluster)
        ? []
        : expectValues(cluster.props, { enableFqdnNetworkPolicy: true, enableL4IlbSubsetting: true }),
  }),
  resourceRule({
    id: "cluster-encrypts-between-nodes",
    title: "Traffic between nodes is encrypted",
    why: "Probes, metrics and the proxy's neighbours would be readable on the way.",
    fix: "Set inTransitEncryptionConfig: IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT.",
    level: "production",
    of,
    check: (cluster) =>
      isAutopilot(cluster)
        ? []
        : expectValue(cluster.props, "inTransitEncryptionConfig", "IN_TRANSIT_ENCRYPTION_INTER_NODE_TRANSPARENT"),
  }),
  resourceRule({
    id: "cluster-no-external-ips",
    title: "Services cannot claim external addresses",
    why: "Who may make a Service could otherwise intercept traffic of others.",
    fix: "Set serviceExternalIpsConfig.enabled: false.",
    of,
    check: (cluster) =>
      isAutopilot(cluster) ? [] : expectValue(cluster.props, "serviceExternalIpsConfig.enabled", false),
  }),
  resourceRule({
    id: "cluster-gateway-api",
    title: "The cluster has the Gateway API",
    why: "The edge is made of it.",
    fix: "Set gatewayApiConfig.channel: CHANNEL_STANDARD.",
    of,
    check: ({ props }) => expectValue(props, "gatewayApiConfig.channel", "CHANNEL_STANDARD"),
  }),
  resourceRule({
    id: "cluster-secret-manager-addon",
    title: "Secrets come from Secret Manager and are read again",
    why: "They are files in memory then, and a new version arrives without a restart.",
    fix: "Set secretManagerConfig.enabled: true and rotationConfig.enabled: true.",
    of,
    check: ({ props }) =>
      expectValues(props, { "secretManagerConfig.enabled": true, "secretManagerConfig.rotationConfig.enabled": true }),
  }),
  resourceRule({
    id: "cluster-addons",
    title: "Load balancing, the DNS cache and the backup agent are on",
    why: "The edge needs the first, webhooks to many hosts the second, the backup plan the third.",
    fix: "Set addonsConfig.httpLoadBalancing.disabled: false, dnsCacheConfig.enabled: true and gkeBackupAgentConfig.enabled: true.",
    of,
    check: (cluster) => [
      ...expectValue(cluster.props, "addonsConfig.gkeBackupAgentConfig.enabled", true),
      ...(isAutopilot(cluster)
        ? []
        : expectValues(cluster.props, {
            "addonsConfig.httpLoadBalancing.disabled": false,
            "addonsConfig.dnsCacheConfig.enabled": true,
          })),
    ],
  }),
  resourceRule({
    id: "gke-5.7.1-logging-and-monitoring",
    title: "The cluster logs and measures itself and its workloads",
    why: "What is not recorded cannot be looked into after an incident.",
    fix: "Set loggingConfig.enableComponents to SYSTEM_COMPONENTS, WORKLOADS and APISERVER; monitoringConfig with managedPrometheus and the components POD and DEPLOYMENT.",
    of,
    check: ({ props }) => [
      ...expectThat(props, "loggingConfig.enableComponents", {
        says: "lacks SYSTEM_COMPONENTS, WORKLOADS or APISERVER",
        test: (list) => holds(list, "SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER"),
      }),
      ...expectThat(props, "monitoringConfig.enableComponents", {
        says: "lacks SYSTEM_COMPONENTS, POD or DEPLOYMENT",
        test: (list) => holds(list, "SYSTEM_COMPONENTS", "POD", "DEPLOYMENT"),
      }),
      ...expectValue(props, "monitoringConfig.managedPrometheus.enabled", true),
    ],
  }),
  resourceRule({
    id: "cluster-tells-of-bulletins",
    title: "Security bulletins of the cluster reach somebody",
    why: "Some need an upgrade by hand before the channel brings it.",
    fix: "Set notificationConfig.pubsub: enabled with a topic.",
    of,
    check: ({ props }) => [
      ...expectValue(props, "notificationConfig.pubsub.enabled", true),
      ...expectSet(props, "notificationConfig.pubsub.topic"),
    ],
  }),
  resourceRule({
    id: "cluster-costs-and-sizes",
    title: "Costs are told by namespace, and sizes recommended",
    why: "Requests that nobody compares with use are too large or too small.",
    fix: "Set costManagementConfig.enabled: true and verticalPodAutoscaling.enabled: true.",
    of,
    check: (cluster) => [
      ...expectValue(cluster.props, "costManagementConfig.enabled", true),
      ...(isAutopilot(cluster) ? [] : expectValue(cluster.props, "verticalPodAutoscaling.enabled", true)),
    ],
  }),
];
