import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Edge } from "../edge.js";
import { RELAY_PORTS } from "../network-plan.js";
import { SERVER_LABELS } from "./server.js";

/** How long an agent's connection may live at the load balancer; then it reconnects. Google allows a day at most. */
const LINK_TIMEOUT_S = 3600;
/** Above the longest time that a sender may wait for a destination (`response_timeout`: 60 s). */
const INGEST_TIMEOUT_S = 75;

/** One backend of the load balancer: the same pods, under the terms of one kind of client. */
interface Backend {
  readonly port: number;
  /** What is spoken to the pods: TLS on the last hop too. */
  readonly appProtocol: "HTTPS" | "HTTP2";
  readonly policy: keyof Edge["policies"];
  readonly timeoutSec: number;
  readonly drainingTimeoutSec: number;
}

const BACKENDS = {
  ingest: {
    port: RELAY_PORTS.https,
    appProtocol: "HTTPS",
    policy: "ingest",
    timeoutSec: INGEST_TIMEOUT_S,
    drainingTimeoutSec: 30,
  },
  admin: {
    port: RELAY_PORTS.https,
    appProtocol: "HTTPS",
    policy: "admin",
    // A first plan with a thousand secrets takes a minute.
    timeoutSec: 120,
    drainingTimeoutSec: 60,
  },
  "agents-websocket": {
    port: RELAY_PORTS.https,
    appProtocol: "HTTPS",
    policy: "agents",
    timeoutSec: LINK_TIMEOUT_S,
    drainingTimeoutSec: 60,
  },
  "agents-grpc": {
    port: RELAY_PORTS.grpc,
    appProtocol: "HTTP2",
    policy: "agents",
    timeoutSec: LINK_TIMEOUT_S,
    drainingTimeoutSec: 60,
  },
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof BACKENDS;

export interface BackendsArgs {
  readonly namespace: pulumi.Input<string>;
  readonly policies: Edge["policies"];
}

/** What routes point at: a Service per kind of client, with its own timeouts, limits and health check. */
export class Backends extends pulumi.ComponentResource {
  readonly #services = new Map<BackendName, k8s.core.v1.Service>();

  constructor(name: string, { namespace, policies }: BackendsArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Backends", name, {}, options);
    for (const [key, backend] of Object.entries(BACKENDS) as [BackendName, Backend][]) {
      const metadata = { namespace, name: `relay-${key}` };
      const service = new k8s.core.v1.Service(
        `${name}-${key}`,
        {
          // There is nothing to wait for where no server has been deployed yet.
          metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
          spec: {
            type: "ClusterIP",
            selector: SERVER_LABELS,
            ports: [
              { name: "tls", port: 443, targetPort: backend.port, protocol: "TCP", appProtocol: backend.appProtocol },
            ],
          },
        },
        { parent: this },
      );
      const targetRef = { group: "", kind: "Service", name: service.metadata.name };
      this.#policy(`${name}-${key}-backend`, "GCPBackendPolicy", metadata, {
        default: {
          timeoutSec: backend.timeoutSec,
          connectionDraining: { drainingTimeoutSec: backend.drainingTimeoutSec },
          securityPolicy: policies[backend.policy],
          logging: { enabled: true, sampleRate: 100_000 },
        },
        targetRef,
      });
      this.#policy(`${name}-${key}-health`, "HealthCheckPolicy", metadata, {
        default: {
          checkIntervalSec: 5,
          timeoutSec: 5,
          healthyThreshold: 1,
          unhealthyThreshold: 2,
          logConfig: { enabled: true },
          config: {
            type: "HTTP",
            // Health is asked at the status port, whatever the backend serves.
            httpHealthCheck: { portSpecification: "USE_FIXED_PORT", port: RELAY_PORTS.status, requestPath: "/readyz" },
          },
        },
        targetRef,
      });
      this.#services.set(key, service);
    }
    this.registerOutputs({});
  }

  /** Reference to a backend, for a route. */
  ref(backend: BackendName): { name: pulumi.Output<string>; port: number } {
    const service = this.#services.get(backend);
    if (service === undefined) throw new Error(`There is no backend ${backend}.`);
    return { name: service.metadata.name, port: 443 };
  }

  #policy(name: string, kind: string, metadata: k8s.types.input.meta.v1.ObjectMeta, spec: object): void {
    new k8s.apiextensions.CustomResource(
      name,
      { apiVersion: "networking.gke.io/v1", kind, metadata, spec },
      { parent: this },
    );
  }
}
