import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "../config/read-config.js";
import type { Edge } from "../edge.js";
import { Backends } from "./backends.js";
import { Gateway } from "./gateway.js";
import { Migrations } from "./migrations.js";
import { RelayNamespace } from "./namespace.js";
import { NetworkPolicies } from "./network-policies.js";
import { SERVER_LABELS, Server } from "./server.js";

export interface RelayArgs {
  readonly config: RelayConfig;
  readonly edge: Edge;
  /** E-mails of the Google accounts that the workloads act as, known once they may. */
  readonly accounts: { readonly server: pulumi.Input<string>; readonly migrations: pulumi.Input<string> };
  readonly database: {
    readonly connectionName: pulumi.Input<string>;
    readonly name: pulumi.Input<string>;
    readonly cidr: pulumi.Input<string>;
    readonly users: { readonly server: pulumi.Input<string>; readonly migrations: pulumi.Input<string> };
  };
  readonly kmsKey: pulumi.Input<string>;
  readonly administrator: { readonly key: pulumi.Input<string>; readonly secret: pulumi.Input<string> };
}

/** Everything in the cluster. Servers and their migrations come once there is an image; the rest is ready before. */
export class Relay extends pulumi.ComponentResource {
  constructor(name: string, args: RelayArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Relay", name, {}, options);
    const { config, edge, database } = args;
    const parent = { parent: this };
    const { namespace, priorityClass } = new RelayNamespace(name, { replicasMax: config.replicasMax }, parent);
    new NetworkPolicies(
      name,
      { namespace, databaseCidr: database.cidr, publicDestinations: config.publicDestinations },
      parent,
    );
    const backends = new Backends(name, { namespace, policies: edge.policies }, parent);
    new Gateway(name, { namespace, edge, backends, named: config.domain !== undefined }, parent);
    new k8s.apiextensions.CustomResource(
      `${name}-metrics`,
      {
        apiVersion: "monitoring.googleapis.com/v1",
        kind: "PodMonitoring",
        metadata: { namespace, name: "relay" },
        spec: {
          selector: { matchLabels: SERVER_LABELS },
          endpoints: [{ port: "status", path: "/metrics", interval: "30s" }],
        },
      },
      parent,
    );
    const { image, proxyImage } = config;
    if (image !== undefined && proxyImage !== undefined) {
      const common = { image, proxyImage, namespace, priorityClass };
      const migrations = new Migrations(
        name,
        {
          ...common,
          account: args.accounts.migrations,
          database: { ...database, user: database.users.migrations, serverUser: database.users.server },
        },
        parent,
      );
      new Server(
        name,
        {
          ...common,
          config,
          account: args.accounts.server,
          database: { ...database, user: database.users.server },
          kmsKey: args.kmsKey,
          administrator: args.administrator,
          publicUrl: pulumi.interpolate`https://${edge.hosts.ingest}`,
          edgeAddress: edge.address,
          after: migrations.job,
        },
        parent,
      );
    }
    this.registerOutputs({});
  }
}
