import { expectNumber, expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { ofKind } from "./core/of-kind.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

const of = [KINDS.nodePool];

export const nodePoolRules: readonly Rule[] = [
  resourceRule({
    id: "node-pool-scales-by-totals",
    title: "Node pools grow and shrink by totals across zones",
    why: "Limits per zone triple without anybody writing so.",
    fix: "Set autoscaling.totalMinNodeCount and totalMaxNodeCount.",
    of,
    check: ({ props }) => [
      ...expectNumber(props, "autoscaling.totalMinNodeCount", { min: 0 }),
      ...expectNumber(props, "autoscaling.totalMaxNodeCount", { min: 1 }),
    ],
  }),
  resourceRule({
    id: "gke-5.5.2-auto-repair",
    title: "Broken nodes are repaired by themselves",
    why: "A node that does not answer keeps its pods until somebody notices.",
    fix: "Set management.autoRepair: true.",
    of,
    check: ({ props }) => expectValue(props, "management.autoRepair", true),
  }),
  resourceRule({
    id: "gke-5.5.3-auto-upgrade",
    title: "Nodes are upgraded by themselves",
    why: "Security fixes of the node's system come in no other way.",
    fix: "Set management.autoUpgrade: true.",
    of,
    check: ({ props }) => expectValue(props, "management.autoUpgrade", true),
  }),
  resourceRule({
    id: "node-pool-upgrades-without-gap",
    title: "An upgrade adds a node before it takes one away",
    why: "Pods would otherwise wait for room.",
    fix: "Set upgradeSettings: { maxSurge: 1, maxUnavailable: 0 }.",
    of,
    check: ({ props }) => [
      ...expectNumber(props, "upgradeSettings.maxSurge", { min: 1 }),
      ...expectValue(props, "upgradeSettings.maxUnavailable", 0),
    ],
  }),
  resourceRule({
    id: "node-pool-private",
    title: "The pool's nodes have no public address",
    why: "A pool can differ from its cluster, so each says it.",
    fix: "Set networkConfig.enablePrivateNodes: true.",
    of,
    check: ({ props }) => expectValue(props, "networkConfig.enablePrivateNodes", true),
  }),
  resourceRule({
    id: "node-pool-bounds-pods",
    title: "Pods of a node and processes of a pod are bounded",
    why: "One pod that forks without end takes its node with it.",
    fix: "Set maxPodsPerNode and nodeConfig.kubeletConfig.podPidsLimit.",
    of,
    check: ({ props }) => [
      ...expectNumber(props, "maxPodsPerNode", { min: 8, max: 256 }),
      ...expectNumber(props, "nodeConfig.kubeletConfig.podPidsLimit", { min: 1024 }),
    ],
  }),
  resourceRule({
    id: "gke-5.5.1-container-optimized-os",
    title: "Nodes run Container-Optimized OS",
    why: "It has little that can be attacked, and a root file system that is verified and read-only.",
    fix: "Set nodeConfig.imageType: COS_CONTAINERD.",
    of,
    check: ({ props }) => expectValue(props, "nodeConfig.imageType", "COS_CONTAINERD"),
  }),
  resourceRule({
    id: "gke-5.2.1-own-service-account",
    title: "Nodes have an identity of their own",
    why: "Compute Engine's default one may edit the whole project.",
    fix: "Set nodeConfig.serviceAccount to an account that only writes logs and metrics and reads images.",
    of,
    check: ({ props }) =>
      expectThat(props, "nodeConfig.serviceAccount", {
        says: "is Google's default",
        test: (account) =>
          typeof account === "string" && account !== "default" && !account.endsWith("@developer.gserviceaccount.com"),
      }),
  }),
  resourceRule({
    id: "gke-5.5.7-secure-boot",
    title: "Nodes boot only signed software",
    why: "A changed kernel would survive every restart unseen.",
    fix: "Set nodeConfig.shieldedInstanceConfig.enableSecureBoot: true.",
    of,
    check: ({ props }) => expectValue(props, "nodeConfig.shieldedInstanceConfig.enableSecureBoot", true),
  }),
  resourceRule({
    id: "gke-5.5.6-integrity-monitoring",
    title: "Changes of what a node boots are noticed",
    why: "It is the sign of a node that somebody has taken over.",
    fix: "Set nodeConfig.shieldedInstanceConfig.enableIntegrityMonitoring: true.",
    of,
    check: ({ props }) => expectValue(props, "nodeConfig.shieldedInstanceConfig.enableIntegrityMonitoring", true),
  }),
  resourceRule({
    id: "node-pool-hides-node-identity",
    title: "Pods cannot become their node",
    why: "The machine's metadata would hand its token to every pod that asks.",
    fix: 'Set nodeConfig.workloadMetadataConfig.mode: GKE_METADATA and metadata disable-legacy-endpoints: "true".',
    of,
    check: ({ props }) =>
      expectValues(props, {
        "nodeConfig.workloadMetadataConfig.mode": "GKE_METADATA",
        "nodeConfig.metadata.disable-legacy-endpoints": "true",
      }),
  }),
  resourceRule({
    id: "gke-5.9.1-disks-own-key",
    title: "Disks of nodes are encrypted under your own key",
    why: "Images, logs and temporary files are on them.",
    fix: "Set nodeConfig.bootDiskKmsKey to the CryptoKey for disks.",
    of,
    check: ({ props }) => expectSet(props, "nodeConfig.bootDiskKmsKey"),
  }),
  resourceRule({
    id: "node-pool-kubelet-port-closed",
    title: "The kubelet's read-only port is closed",
    why: "It tells every pod of the node what runs there, without asking who it is.",
    fix: "Set nodeConfig.kubeletConfig.insecureKubeletReadonlyPortEnabled: FALSE.",
    of,
    check: ({ props }) => expectValue(props, "nodeConfig.kubeletConfig.insecureKubeletReadonlyPortEnabled", "FALSE"),
  }),
  stackRule({
    id: "node-pool-with-sandbox",
    title: "A pool for functions of users is sandboxed",
    why: "gVisor is a second wall around code that strangers wrote.",
    fix: "Set nodeConfig.sandboxConfig.sandboxType: gvisor on a pool, where pods run such code.",
    level: "advisory",
    check: (resources) => {
      const pools = ofKind(resources, KINDS.nodePool);
      const some = pools.some(({ props }) => valueAt(props, "nodeConfig.sandboxConfig") !== undefined);
      return pools.length === 0 || some ? [] : [violation("no node pool has a sandbox")];
    },
  }),
];
