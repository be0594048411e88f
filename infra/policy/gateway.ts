// The edge inside of Kubernetes: gateway, routes, and Google's policies that are attached to them.
import { backendPoliciesFor, type Caller, placeOf, servicesFor, shareArmor, targetOf } from "./backends.js";
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

const CALLERS: readonly Caller[] = ["webhooks", "agents", "api"];

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
    title: "Webhooks, agents and the API have Services of their own",
    why: "They differ in time-outs, limits and who may call them.",
    fix: "Declare an HTTPRoute to a Service of its own for each of /v1/webhooks, /v1/agent, /relay.v1.AgentLinkService and /v1.",
    check: (resources) => {
      if (ofKind(resources, KINDS.gateway).length === 0) return [];
      return CALLERS.flatMap((who) => {
        const services = servicesFor(who, resources);
        if (services.length === 0) return [violation(`no route leads ${who} to a Service`)];
        const others = CALLERS.filter((each) => each !== who).flatMap((each) => servicesFor(each, resources));
        const shared = services.find((service) => others.includes(service));
        return shared === undefined ? [] : [violation(`${who} share the Service ${shared} with others`)];
      });
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
    fix: "Set spec.default.timeoutSec: 3600 in the GCPBackendPolicy of each Service that /v1/agent and /relay.v1.AgentLinkService lead to.",
    settings: { minSeconds: { default: 600, description: "Shortest time-out of a backend of agents, in seconds." } },
    check: (resources, { minSeconds }) =>
      backendPoliciesFor("agents", resources).flatMap(({ props, urn }) =>
        expectNumber(props, "spec.default.timeoutSec", { min: minSeconds }).map((verdict) => ({ ...verdict, urn })),
      ),
  }),
  stackRule({
    id: "armor-apart-for-agents",
    title: "Agents have security policies that nobody else is under",
    why: "A limit for senders would cut agents off, and one for agents would not stop a sender.",
    fix: "Declare a SecurityPolicy for agents, and name it in the GCPBackendPolicy of their Services alone.",
    check: (resources) => {
      const forAgents = backendPoliciesFor("agents", resources);
      const others = ofKind(resources, KINDS.backendPolicy).filter((policy) => !forAgents.includes(policy));
      return forAgents.flatMap((policy) => {
        const other = others.find((each) => shareArmor(policy, each, resources));
        return other === undefined ? [] : [violation(`it shares its security policy with ${other.name}`, policy.urn)];
      });
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
    fix: "Set appProtocol: HTTPS on the port that leads to 9300, and HTTP2 on that to 9302.",
    of: [KINDS.kubernetesService],
    check: ({ props }) =>
      listAt(props, "spec.ports").flatMap((port) => {
        const protocol = LAST_HOP[Number(valueAt(port, "targetPort") ?? valueAt(port, "port"))];
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
