/** Addresses of the network, and the ports of the relay that others have to know of. */

export const NODE_RANGE = "10.0.0.0/20";
export const POD_RANGE = "10.4.0.0/14";
export const SERVICE_RANGE = "10.8.0.0/20";

/** Where Google's load balancers and their health checks come from (cloud.google.com/load-balancing/docs/firewall-rules). */
export const HEALTH_CHECK_RANGES = ["35.191.0.0/16", "130.211.0.0/22"] as const;

/** Ports of a relay server: webhooks, API and WebSocket agents over TLS; gRPC agents over TLS; health and metrics. */
export const RELAY_PORTS = { https: 9300, grpc: 9302, status: 9803 } as const;
