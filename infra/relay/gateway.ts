import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Edge } from "../edge.js";
import type { BackendName, Backends } from "./backends.js";

const API = "gateway.networking.k8s.io/v1";

export interface GatewayArgs {
  readonly namespace: pulumi.Input<string>;
  readonly edge: Edge;
  readonly backends: Backends;
  /** Whether there is a domain, and so a name for each kind of client. */
  readonly named: boolean;
}

interface Route {
  readonly host: keyof Edge["hosts"];
  readonly path: string;
  readonly backend: BackendName;
}

/** What is served under which name. Anything else is not found: the load balancer's own answer. */
const ROUTES: Record<string, Route> = {
  ingest: { host: "ingest", path: "/v1/webhooks", backend: "ingest" },
  "agents-websocket": { host: "agents", path: "/v1/agent", backend: "agents-websocket" },
  "agents-grpc": { host: "agents", path: "/relay.v1.AgentLinkService", backend: "agents-grpc" },
  admin: { host: "admin", path: "/v1", backend: "admin" },
};

/** The way in: one Google load balancer that ends TLS, knows each host's routes, and sends plain HTTP to HTTPS. */
export class Gateway extends pulumi.ComponentResource {
  constructor(name: string, args: GatewayArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Gateway", name, {}, options);
    const { namespace, edge } = args;
    const parent = { parent: this };
    const gateway = new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: API,
        kind: "Gateway",
        metadata: {
          namespace,
          name: "relay",
          annotations: { "networking.gke.io/certmap": edge.certificateMap },
        },
        spec: {
          gatewayClassName: "gke-l7-global-external-managed",
          addresses: [{ type: "NamedAddress", value: edge.addressName }],
          listeners: [
            { name: "https", port: 443, protocol: "HTTPS", allowedRoutes: { namespaces: { from: "Same" } } },
            { name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
          ],
        },
      },
      parent,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-tls`,
      {
        apiVersion: "networking.gke.io/v1",
        kind: "GCPGatewayPolicy",
        metadata: { namespace, name: "relay" },
        spec: {
          default: { sslPolicy: edge.sslPolicy },
          targetRef: { group: "gateway.networking.k8s.io", kind: "Gateway", name: gateway.metadata.name },
        },
      },
      parent,
    );
    for (const [key, route] of Object.entries(ROUTES)) {
      this.#route(`${name}-${key}`, key, args, gateway, {
        listener: "https",
        hostnames: args.named ? [edge.hosts[route.host]] : undefined,
        rules: [
          {
            matches: [{ path: { type: "PathPrefix", value: route.path } }],
            backendRefs: [args.backends.ref(route.backend)],
          },
        ],
      });
    }
    this.#route(`${name}-redirect`, "to-https", args, gateway, {
      listener: "http",
      hostnames: undefined,
      rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
    });
    this.registerOutputs({});
  }

  #route(
    name: string,
    key: string,
    { namespace }: GatewayArgs,
    gateway: k8s.apiextensions.CustomResource,
    route: { listener: string; hostnames: pulumi.Input<string>[] | undefined; rules: object[] },
  ): void {
    new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion: API,
        kind: "HTTPRoute",
        metadata: { namespace, name: key },
        spec: {
          parentRefs: [{ name: gateway.metadata.name, sectionName: route.listener }],
          ...(route.hostnames === undefined ? {} : { hostnames: route.hostnames }),
          rules: route.rules,
        },
      },
      { parent: this },
    );
  }
}
