import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Project } from "./project.js";

/** private.googleapis.com (cloud.google.com/vpc/docs/configure-private-google-access). */
const ADDRESSES = ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"];

/** Domains that Google's APIs and its image registries answer under; nodes have the cluster's own images from gcr.io. */
const DOMAINS = { googleapis: "googleapis.com.", registry: "pkg.dev.", "old-registry": "gcr.io." } as const;

export interface PrivateGoogleApisArgs {
  readonly project: Project;
  readonly network: pulumi.Input<string>;
}

/** Names of Google's APIs, resolved inside the network to addresses that are reached without the Internet. */
export class PrivateGoogleApis extends pulumi.ComponentResource {
  /** The addresses as one network. */
  static readonly range = "199.36.153.8/30";

  constructor(name: string, { project, network }: PrivateGoogleApisArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:PrivateGoogleApis", name, {}, options);
    const parent = { parent: this };
    for (const [key, domain] of Object.entries(DOMAINS)) {
      const zone = new gcp.dns.ManagedZone(
        `${name}-${key}`,
        {
          project: project.id,
          dnsName: domain,
          description: "Google's APIs by their private addresses",
          visibility: "private",
          privateVisibilityConfig: { networks: [{ networkUrl: network }] },
        },
        parent,
      );
      const record = { project: project.id, managedZone: zone.name, ttl: 300 };
      const host = key === "googleapis" ? `private.${domain}` : domain;
      new gcp.dns.RecordSet(`${name}-${key}-a`, { ...record, name: host, type: "A", rrdatas: ADDRESSES }, parent);
      new gcp.dns.RecordSet(
        `${name}-${key}-any`,
        { ...record, name: `*.${domain}`, type: "CNAME", rrdatas: [host] },
        parent,
      );
    }
    this.registerOutputs({});
  }
}
