// Which backends behind the gateway serve whom, as their routes tell, and under which security policy.
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { KINDS } from "./kinds.js";

/** Paths by which senders, agents and those who configure it reach the relay. */
const PATHS = {
  webhooks: ["/v1/webhooks"],
  agents: ["/v1/agent", "/relay.v1.AgentLinkService"],
  api: ["/v1"],
} as const;

/** Who calls the relay. */
export type Caller = keyof typeof PATHS;

/** Where a resource is in Kubernetes, as "namespace/name". */
export function placeOf({ props }: Resource, name = textAt(props, "metadata.name")): string {
  return `${textAt(props, "metadata.namespace") ?? "default"}/${name}`;
}

/** Where the target of a policy of Google's is. */
export function targetOf(policy: Resource): string {
  return placeOf(policy, textAt(policy.props, "spec.targetRef.name"));
}

/** Prefix of the paths that a rule of a route matches: the longest that leads to this path, undefined where none does. */
function prefixOf(rule: Value, path: string): string | undefined {
  const matches = listAt(rule, "matches").map((match) => textAt(match, "path.value") ?? "/");
  const [longest] = (matches.length === 0 ? ["/"] : matches)
    .filter((prefix) => path.startsWith(prefix))
    .sort((a, b) => b.length - a.length);
  return longest;
}

/** Places of the Services that a path leads to. As in the Gateway API, the longest prefix has the say. */
function servicesAt(path: string, resources: readonly Resource[]): readonly string[] {
  const leading = ofKind(resources, KINDS.httpRoute).flatMap((route) =>
    listAt(route.props, "spec.rules").flatMap((rule) => {
      const prefix = prefixOf(rule, path);
      const services = listAt(rule, "backendRefs").map((backend) => placeOf(route, textAt(backend, "name")));
      return prefix === undefined || services.length === 0 ? [] : [{ length: prefix.length, services }];
    }),
  );
  const longest = Math.max(...leading.map(({ length }) => length));
  return leading.filter(({ length }) => length === longest).flatMap(({ services }) => services);
}

/** Places of the Services that a caller is led to; a path that leads nowhere has none. */
export function servicesFor(who: Caller, resources: readonly Resource[]): readonly string[] {
  return PATHS[who].flatMap((path) => servicesAt(path, resources));
}

/** The backend policies of those Services. */
export function backendPoliciesFor(who: Caller, resources: readonly Resource[]): readonly Resource[] {
  const services = servicesFor(who, resources);
  return ofKind(resources, KINDS.backendPolicy).filter((policy) => services.includes(targetOf(policy)));
}

/** Where the name of a backend's security policy comes from, which is known in a preview, too. */
function armorUrns(policy: Resource, resources: readonly Resource[]): readonly string[] {
  const urns = policy.propertyDependencies.spec ?? [];
  return ofKind(resources, KINDS.securityPolicy)
    .filter(({ urn }) => urns.includes(urn))
    .map(({ urn }) => urn);
}

/** Whether two backend policies name one security policy. */
export function shareArmor(one: Resource, other: Resource, resources: readonly Resource[]): boolean {
  const [first, second] = [one, other].map(({ props }) => textAt(props, "spec.default.securityPolicy"));
  if (first !== undefined && second !== undefined) return first === second;
  const urns = armorUrns(other, resources);
  return armorUrns(one, resources).some((urn) => urns.includes(urn));
}

/** Whether a backend policy names this security policy: by its name, or by taking it from there. */
export function namesArmor(policy: Resource, armor: Resource, resources: readonly Resource[]): boolean {
  const name = valueAt(armor.props, "name");
  const named = typeof name === "string" && name === textAt(policy.props, "spec.default.securityPolicy");
  return named || armorUrns(policy, resources).includes(armor.urn);
}
