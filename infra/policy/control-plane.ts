import { expectNone, expectSet, expectValue, expectValues } from "./core/expect.js";
import { type Rule, resourceRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { isAutopilot } from "./is-autopilot.js";
import { KINDS } from "./kinds.js";

const of = [KINDS.cluster];
const IP_ENDPOINTS = "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled";

export const controlPlaneRules: readonly Rule[] = [
  resourceRule({
    id: "gke-5.6.5-private-nodes",
    title: "Nodes have no public address",
    why: "What has no address on the Internet cannot be attacked from there.",
    fix: "Set privateClusterConfig.enablePrivateNodes: true.",
    of,
    check: ({ props }) => expectValue(props, "privateClusterConfig.enablePrivateNodes", true),
  }),
  resourceRule({
    id: "gke-5.6.4-no-public-control-plane",
    title: "The control plane has no public address",
    why: "Its DNS name asks IAM before anything reaches the API server; an address does not.",
    fix: "Set privateClusterConfig.enablePrivateEndpoint: true, dnsEndpointConfig.allowExternalTraffic: true and ipEndpointsConfig.enabled: false.",
    of,
    check: ({ props }) =>
      expectValues(props, {
        "privateClusterConfig.enablePrivateEndpoint": true,
        "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic": true,
      }),
  }),
  resourceRule({
    id: "gke-5.6.3-authorized-networks",
    title: "An address of the control plane that stays is closed to all but named networks",
    why: "Every other tenant of Google Cloud could reach it otherwise.",
    fix: "Set ipEndpointsConfig.enabled: false, or masterAuthorizedNetworksConfig with gcpPublicCidrsAccessEnabled: false and privateEndpointEnforcementEnabled: true.",
    of,
    check: ({ props }) => {
      if (valueAt(props, IP_ENDPOINTS) === false) return [];
      return [
        ...expectValues(props, {
          "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled": false,
          "masterAuthorizedNetworksConfig.privateEndpointEnforcementEnabled": true,
        }),
        ...expectNone(props, "masterAuthorizedNetworksConfig.cidrBlocks", {
          says: "names the whole Internet",
          test: (block) => textAt(block, "cidrBlock")?.endsWith("/0") === true,
        }),
      ];
    },
  }),
  resourceRule({
    id: "gke-5.2.2-workload-identity",
    title: "Pods have identities of their own",
    why: "Without it every pod is the node, with all the node's rights.",
    fix: "Set workloadIdentityConfig.workloadPool: PROJECT.svc.id.goog.",
    of,
    check: (cluster) => (isAutopilot(cluster) ? [] : expectSet(cluster.props, "workloadIdentityConfig.workloadPool")),
  }),
  resourceRule({
    id: "gke-5.3.1-secrets-encrypted",
    title: "Secrets of Kubernetes are encrypted under your own key",
    why: "Who gets at the control plane's disks then still has no secret.",
    fix: "Set databaseEncryption: { state: ENCRYPTED, keyName }.",
    of,
    check: ({ props }) => [
      ...expectValue(props, "databaseEncryption.state", ["ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"]),
      ...expectSet(props, "databaseEncryption.keyName"),
    ],
  }),
  resourceRule({
    id: "gke-5.10.5-binary-authorization",
    title: "Only attested images run",
    why: "An image that nobody built in your pipeline is refused, whoever asks.",
    fix: "Set binaryAuthorization.evaluationMode: PROJECT_SINGLETON_POLICY_ENFORCE.",
    of,
    check: ({ props }) => expectValue(props, "binaryAuthorization.evaluationMode", "PROJECT_SINGLETON_POLICY_ENFORCE"),
  }),
  resourceRule({
    id: "gke-5.5.5-shielded-nodes",
    title: "Nodes prove who they are",
    why: "A stolen bootstrap credential could join a foreign machine to the cluster.",
    fix: "Set enableShieldedNodes: true.",
    of,
    check: (cluster) => (isAutopilot(cluster) ? [] : expectValue(cluster.props, "enableShieldedNodes", true)),
  }),
  resourceRule({
    id: "gke-5.8.4-no-legacy-abac",
    title: "Rights in the cluster come from RBAC alone",
    why: "The old scheme gives every service account nearly everything.",
    fix: "Set enableLegacyAbac: false.",
    of,
    check: (cluster) => (isAutopilot(cluster) ? [] : expectValue(cluster.props, "enableLegacyAbac", false)),
  }),
  resourceRule({
    id: "gke-5.8.2-no-client-certificates",
    title: "Nobody logs in by a client certificate",
    why: "It cannot be revoked.",
    fix: "Set masterAuth.clientCertificateConfig.issueClientCertificate: false.",
    of,
    check: ({ props }) => expectValue(props, "masterAuth.clientCertificateConfig.issueClientCertificate", false),
  }),
  resourceRule({
    id: "gke-5.8.3-groups-for-rbac",
    title: "Rights are given to groups of your directory",
    why: "Who leaves the team loses its rights without anybody editing the cluster.",
    fix: "Set authenticatorGroupsConfig.securityGroup: gke-security-groups@YOUR-DOMAIN.",
    level: "advisory",
    of,
    check: ({ props }) => expectSet(props, "authenticatorGroupsConfig.securityGroup"),
  }),
  resourceRule({
    id: "cluster-no-anonymous-access",
    title: "The API server answers strangers on its health checks alone",
    why: "Otherwise one wrong role binding makes the cluster public.",
    fix: "Set anonymousAuthenticationConfig.mode: LIMITED.",
    of,
    check: ({ props }) => expectValue(props, "anonymousAuthenticationConfig.mode", "LIMITED"),
  }),
  resourceRule({
    id: "cluster-no-insecure-bindings",
    title: "No role is bound to everybody",
    why: "The groups system:authenticated and system:unauthenticated hold all of Google's users, and everybody else.",
    fix: "Set both enableInsecureBinding… of rbacBindingConfig to false.",
    of,
    check: ({ props }) =>
      expectValues(props, {
        "rbacBindingConfig.enableInsecureBindingSystemAuthenticated": false,
        "rbacBindingConfig.enableInsecureBindingSystemUnauthenticated": false,
      }),
  }),
  resourceRule({
    id: "cluster-security-posture",
    title: "Workloads are scanned for known faults",
    why: "A fault found after the image was built shows up only there.",
    fix: "Set securityPostureConfig.mode: BASIC and a vulnerabilityMode other than VULNERABILITY_DISABLED.",
    of,
    check: ({ props }) =>
      expectValues(props, {
        "securityPostureConfig.mode": ["BASIC", "ENTERPRISE"],
        "securityPostureConfig.vulnerabilityMode": ["VULNERABILITY_BASIC", "VULNERABILITY_ENTERPRISE"],
      }),
  }),
  resourceRule({
    id: "cluster-kubelet-port-closed",
    title: "The kubelet's read-only port is closed by default",
    why: "It tells every pod of the node what runs there, without asking who it is.",
    fix: "Set insecureKubeletReadonlyPortEnabled: FALSE in nodePoolDefaults and in nodePoolAutoConfig.",
    of,
    check: (cluster) => [
      ...(isAutopilot(cluster)
        ? []
        : expectValue(
            cluster.props,
            "nodePoolDefaults.nodeConfigDefaults.insecureKubeletReadonlyPortEnabled",
            "FALSE",
          )),
      ...expectValue(cluster.props, "nodePoolAutoConfig.nodeKubeletConfig.insecureKubeletReadonlyPortEnabled", "FALSE"),
    ],
  }),
];
