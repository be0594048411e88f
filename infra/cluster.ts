import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs } from "./cluster-args.js";
import { autopilotFeatures, commonFeatures, standardFeatures } from "./cluster-features.js";
import { kubeconfig } from "./kubeconfig.js";

/** A private regional cluster: no node has a public address, and its control plane answers under a DNS name, through IAM. */
export class Cluster extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly id: pulumi.Output<string>;
  /** Applies to this cluster, once it has nodes to run on. */
  readonly provider: k8s.Provider;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Cluster", name, {}, options);
    const { config, project } = args;
    const kept = { parent: this, protect: config.deletionProtection };
    const cluster = new gcp.container.Cluster(
      name,
      { ...commonFeatures(args), ...(config.autopilot ? autopilotFeatures(args) : standardFeatures(args)) },
      // The cluster reports the nodes of its first pool as its own, which would look like a change of the default one's.
      { ...kept, ignoreChanges: config.autopilot ? [] : ["nodeConfig"] },
    );
    const pool = config.autopilot ? undefined : this.#nodePool(name, args, cluster);
    for (const member of config.administrators) {
      new gcp.projects.IAMMember(
        `${name}-${member.replace(/[^A-Za-z0-9]+/g, "-")}`,
        { project: project.id, role: "roles/container.developer", member },
        { parent: this },
      );
    }
    this.name = cluster.name;
    this.id = cluster.id;
    this.provider = new k8s.Provider(
      name,
      {
        kubeconfig: kubeconfig({
          name: cluster.name,
          endpoint: cluster.controlPlaneEndpointsConfig.apply((it) => it.dnsEndpointConfig?.endpoint ?? ""),
        }),
        enableServerSideApply: true,
      },
      { parent: this, dependsOn: pool === undefined ? [cluster] : [cluster, pool] },
    );
    this.registerOutputs({ name: this.name });
  }

  #nodePool(
    name: string,
    { config, project, keys, identities }: ClusterArgs,
    cluster: gcp.container.Cluster,
  ): gcp.container.NodePool {
    const zonesSpread = { locationPolicy: "BALANCED" };
    return new gcp.container.NodePool(
      name,
      {
        project: project.id,
        cluster: cluster.id,
        location: config.region,
        autoscaling: { totalMinNodeCount: config.nodesMin, totalMaxNodeCount: config.nodesMax, ...zonesSpread },
        initialNodeCount: 1,
        management: { autoRepair: true, autoUpgrade: true },
        upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
        networkConfig: { enablePrivateNodes: true },
        maxPodsPerNode: 32,
        nodeConfig: {
          machineType: config.nodeMachineType,
          imageType: "COS_CONTAINERD",
          // The newest machines take no persistent disk.
          diskType: /^[cn]4/.test(config.nodeMachineType) ? "hyperdisk-balanced" : "pd-balanced",
          diskSizeGb: 50,
          bootDiskKmsKey: keys.id("disks"),
          serviceAccount: identities.nodes.email,
          oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
          shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
          workloadMetadataConfig: { mode: "GKE_METADATA" },
          metadata: { "disable-legacy-endpoints": "true" },
          kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE", podPidsLimit: 4096 },
          ...(config.level === "locked"
            ? { confidentialNodes: { enabled: true, confidentialInstanceType: "SEV" } }
            : {}),
          resourceLabels: { app: "relay", level: config.level },
        },
      },
      // The autoscaler has the say after the first node.
      { parent: this, ignoreChanges: ["initialNodeCount"] },
    );
  }
}
