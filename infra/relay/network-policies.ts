import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { HEALTH_CHECK_RANGES, RELAY_PORTS } from "../network-plan.js";
import { PrivateGoogleApis } from "../private-google-apis.js";
import { MIGRATION_LABELS } from "./migrations.js";
import { SERVER_LABELS } from "./server.js";

type PolicySpec = k8s.types.input.networking.v1.NetworkPolicySpec;
type EgressRule = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

/** Port of Cloud SQL's own protocol, which the auth proxy speaks to the instance. */
const CLOUD_SQL_PORT = 3307;
/** Addresses that no webhook's destination may be at: private, link-local, metadata, and those that stand for them. */
const NOT_THE_INTERNET = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** Namespaces of managed Prometheus: of Standard, and of Autopilot. */
const COLLECTORS = ["gmp-system", "gke-gmp-system"] as const;

export interface NetworkPoliciesArgs {
  readonly namespace: pulumi.Input<string>;
  /** Range of the database. */
  readonly databaseCidr: pulumi.Input<string>;
  readonly publicDestinations: boolean;
}

/** Nothing in, nothing out, but what each workload is for. */
export class NetworkPolicies extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkPoliciesArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:NetworkPolicies", name, {}, options);
    const policy = (key: string, spec: PolicySpec) =>
      new k8s.networking.v1.NetworkPolicy(
        `${name}-${key}`,
        { metadata: { namespace: args.namespace, name: key }, spec },
        { parent: this },
      );
    policy("deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    policy("server", {
      podSelector: { matchLabels: SERVER_LABELS },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: HEALTH_CHECK_RANGES.map((range) => ({ ipBlock: { cidr: range } })),
          ports: Object.values(RELAY_PORTS).map((port) => ({ protocol: "TCP", port })),
        },
        {
          from: [
            {
              namespaceSelector: {
                matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...COLLECTORS] }],
              },
            },
          ],
          ports: [{ protocol: "TCP", port: RELAY_PORTS.status }],
        },
      ],
      egress: [...necessary(args.databaseCidr), ...(args.publicDestinations ? [internet()] : [])],
    });
    policy("migrations", {
      podSelector: { matchLabels: MIGRATION_LABELS },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: necessary(args.databaseCidr),
    });
    this.registerOutputs({});
  }
}

/** Names, identity, the database, and Google's APIs. */
function necessary(databaseCidr: pulumi.Input<string>): EgressRule[] {
  return [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: {
            matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns", "node-local-dns"] }],
          },
        },
        // The node's own cache (NodeLocal DNSCache).
        { ipBlock: { cidr: "169.254.20.10/32" } },
      ],
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    },
    {
      // GKE's metadata server, by which pods get their identity: nothing else of the link-local range.
      to: [{ ipBlock: { cidr: "169.254.169.252/32" } }, { ipBlock: { cidr: "169.254.169.254/32" } }],
      ports: [
        { protocol: "TCP", port: 80 },
        { protocol: "TCP", port: 988 },
        { protocol: "TCP", port: 987 },
      ],
    },
    { to: [{ ipBlock: { cidr: databaseCidr } }], ports: [{ protocol: "TCP", port: CLOUD_SQL_PORT }] },
    { to: [{ ipBlock: { cidr: PrivateGoogleApis.range } }], ports: [{ protocol: "TCP", port: 443 }] },
  ];
}

/** Public destinations: a second wall behind the server's own check of addresses. */
function internet(): EgressRule {
  return {
    to: [{ ipBlock: { cidr: "0.0.0.0/0", except: NOT_THE_INTERNET } }],
    ports: [
      { protocol: "TCP", port: 443 },
      { protocol: "TCP", port: 80 },
    ],
  };
}
