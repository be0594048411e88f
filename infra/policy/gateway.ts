// The edge inside of Kubernetes: gateway, routes, and Google's policies that are attached to them.
import { expectNumber, expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

/** Ports of the relay, and what the load balancer has to speak to them: TLS on the last hop, too. */
const LAST_HOP: Readonly<Record<number, string>> = { 9300: "HTTPS", 9302: "HTTP2" };
const STATUS_PORT = 9803;
/** Above it Google's load balancer misbehaves. */
const LONGEST_TIMEOUT_S = 86_400;

/** Where a resource is in Kubernetes, as "namespace/name". */
function placeOf({ props }: Resource, name = textAt(props, "metadata.name")): string {
  return `${textAt(props, "metadata.namespace") ?? "default"}/${name}`;
}

function targetOf(policy: Resource): string {
  return placeOf(policy, textAt(policy.props, "spec.targetRef.name"));
}

function backendsOf(route: Resource): readonly Value[] {
  return listAt(route.props, "spec.rules").flatMap((rule) => listAt(rule, "backendRefs"));
}

/** Services that routes lead to, each as "namespace/name". */
function routedServices(resources: readonly Resource[]): readonly Resource[] {
  const routes = ofKind(resources, KINDS.httpRoute);
  const places = new Set(
    routes.flatMap((route) => backendsOf(route).map((backend) => placeOf(route, textAt(backend, "name")))),
  );
  return ofKind(resources, KINDS.kubernetesService).filter((service) => places.has(placeOf(service)));
}

function speaksHttp2(service: Resource): boolean {
  return listAt(service.props, "spec.ports").some((port) => textAt(port, "appProtocol") === "HTTP2");
}

export const gatewayRules: readonly Rule[] = [
  resourceRule({
    id: "gateway-global-external",
    title: "The gateway is Google's global one, with certificates from the map",
    why: "Cloud Armor and managed certificates come with this class alone.",
    fix: "Set gatewayClassName: gke-l7-global-external-managed and the annotation networking.gke.io/certmap.",
    of: [KINDS.gateway],
    check: ({ props }) => {
      const annotations = valueAt(props, "metadata.annotations");
      return [
        ...expectValue(props, "spec.gatewayClassName", "gke-l7-global-external-managed"),
        ...(typeof annotations === "object" && annotations !== null && "networking.gke.io/certmap" in annotations
          ? []
          : [violation("metadata.annotations has no networking.gke.io/certmap")]),
      ];
    },
  }),
  stackRule({
    id: "gateway-has-tls-policy",
    title: "The gateway is bound to a TLS policy",
    why: "Google's default still speaks TLS 1.0.",
    fix: "Declare a GCPGatewayPolicy with sslPolicy that targets the gateway.",
    check: (resources) => {
      const bound = ofKind(resources, KINDS.gatewayPolicy)
        .filter(({ props }) => valueAt(props, "spec.default.sslPolicy") !== undefined)
        .map(targetOf);
      return ofKind(resources, KINDS.gateway)
        .filter((gateway) => !bound.includes(placeOf(gateway)))
        .map(({ urn }) => violation("no GCPGatewayPolicy gives it an sslPolicy", urn));
    },
  }),
  stackRule({
    id: "gateway-redirects-to-https",
    title: "Plain HTTP is redirected",
    why: "Who types the address without https:// would otherwise get no answer, or one in plain text.",
    fix: "Declare an HTTPRoute on the HTTP listener with a RequestRedirect to scheme https.",
    check: (resources) => {
      const redirects = ofKind(resources, KINDS.httpRoute).some(({ props }) =>
        listAt(props, "spec.rules")
          .flatMap((rule) => listAt(rule, "filters"))
          .some((filter) => textAt(filter, "requestRedirect.scheme") === "https"),
      );
      return ofKind(resources, KINDS.gateway).flatMap((gateway) => {
        const plain = listAt(gateway.props, "spec.listeners").some((each) => textAt(each, "protocol") === "HTTP");
        return plain && !redirects ? [violation("no route redirects its HTTP listener to https", gateway.urn)] : [];
      });
    },
  }),
  stackRule({
    id: "gateway-routes-each-use",
    title: "Ingest, user interface and agents have routes of their own",
    why: "They differ in time-outs, limits and who may call them.",
    fix: "Declare HTTPRoutes whose rules lead to a Service for each.",
    settings: { services: { default: 3, description: "Fewest Services that routes lead to." } },
    check: (resources, { services }) => {
      const routed = routedServices(resources).length;
      const gateways = ofKind(resources, KINDS.gateway).length;
      return gateways === 0 || routed >= services
        ? []
        : [violation(`routes lead to ${routed} Services, not ${services}`)];
    },
  }),
  stackRule({
    id: "backend-has-policies",
    title: "Each Service behind the gateway has a backend policy and a health check",
    why: "Without them the load balancer cuts agents after 30 seconds, lets everybody in and asks / for health.",
    fix: "Declare a GCPBackendPolicy and a HealthCheckPolicy that target the Service.",
    check: (resources) =>
      [KINDS.backendPolicy, KINDS.healthCheckPolicy].flatMap((kind) => {
        const targets = ofKind(resources, kind).map(targetOf);
        return routedServices(resources)
          .filter((service) => !targets.includes(placeOf(service)))
          .map(({ urn }) => violation(`no ${kind.split("/")[1]} targets it`, urn));
      }),
  }),
  resourceRule({
    id: "backend-policy-complete",
    title: "Backends are protected, logged and drained",
    why: "What a policy leaves out is off.",
    fix: "Set spec.default.securityPolicy, logging.enabled and sampleRate, connectionDraining.drainingTimeoutSec and timeoutSec.",
    of: [KINDS.backendPolicy],
    check: ({ props }) => [
      ...expectSet(props, "spec.default.securityPolicy", "spec.default.logging.sampleRate"),
      ...expectValue(props, "spec.default.logging.enabled", true),
      ...expectNumber(props, "spec.default.connectionDraining.drainingTimeoutSec", { min: 1, max: 3600 }),
      ...expectNumber(props, "spec.default.timeoutSec", { min: 1, max: LONGEST_TIMEOUT_S }),
    ],
  }),
  stackRule({
    id: "backend-keeps-agents",
    title: "Connections of agents are not cut",
    why: "Google's default time-out of 30 seconds would disconnect each of them twice a minute.",
    fix: "Set spec.default.timeoutSec: 3600 in the GCPBackendPolicy of the agents' Service.",
    settings: { minSeconds: { default: 600, description: "Shortest time-out of a gRPC backend, in seconds." } },
    check: (resources, { minSeconds }) => {
      const agents = ofKind(resources, KINDS.kubernetesService)
        .filter(speaksHttp2)
        .map((service) => placeOf(service));
      return ofKind(resources, KINDS.backendPolicy)
        .filter((policy) => agents.includes(targetOf(policy)))
        .flatMap(({ props, urn }) =>
          expectNumber(props, "spec.default.timeoutSec", { min: minSeconds }).map((verdict) => ({ ...verdict, urn })),
        );
    },
  }),
  stackRule({
    id: "armor-apart-for-agents",
    title: "Agents and senders have security policies of their own",
    why: "A limit for senders would cut agents off, and one for agents would not stop a sender.",
    fix: "Declare a SecurityPolicy for agents, and name it in the GCPBackendPolicy of their Service.",
    check: (resources) => {
      const agents = ofKind(resources, KINDS.kubernetesService)
        .filter(speaksHttp2)
        .map((service) => placeOf(service));
      const policies = ofKind(resources, KINDS.backendPolicy).map((policy) => ({
        policy,
        forAgents: agents.includes(targetOf(policy)),
        armor: textAt(policy.props, "spec.default.securityPolicy"),
      }));
      return policies
        .filter(({ forAgents, armor }) => forAgents && armor !== undefined)
        .filter(({ armor }) => policies.some((other) => !other.forAgents && other.armor === armor))
        .map(({ policy, armor }) => violation(`it shares ${armor} with senders`, policy.urn));
    },
  }),
  resourceRule({
    id: "health-check-asks-readiness",
    title: "The load balancer asks whether the relay is ready",
    why: "A replica that drains, or has lost its database, must not get webhooks.",
    fix: `Set spec.default.config: HTTP, requestPath /readyz, port ${STATUS_PORT}.`,
    of: [KINDS.healthCheckPolicy],
    check: ({ props }) =>
      expectValues(props, {
        "spec.default.config.type": "HTTP",
        "spec.default.config.httpHealthCheck.requestPath": "/readyz",
        "spec.default.config.httpHealthCheck.port": STATUS_PORT,
      }),
  }),
  resourceRule({
    id: "service-last-hop-tls",
    title: "The load balancer speaks TLS to the pods",
    why: "Webhooks and tokens of agents would otherwise cross Google's network in plain text.",
    fix: "Set appProtocol: HTTPS on port 9300 and HTTP2 on port 9302.",
    of: [KINDS.kubernetesService],
    check: ({ props }) =>
      listAt(props, "spec.ports").flatMap((port) => {
        const protocol = LAST_HOP[Number(valueAt(port, "port"))];
        return protocol === undefined ? [] : expectValue(port, "appProtocol", protocol);
      }),
  }),
  resourceRule({
    id: "service-inside-only",
    title: "Services are reached from inside, or by the gateway",
    why: "A Service of type LoadBalancer or NodePort is a second way in, without the edge's protection.",
    fix: "Set type: ClusterIP.",
    of: [KINDS.kubernetesService],
    check: ({ props }) =>
      expectThat(props, "spec.type", {
        says: "opens a way past the gateway",
        test: (type) => type === undefined || type === "ClusterIP",
      }),
  }),
];
