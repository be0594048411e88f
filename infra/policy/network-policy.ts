import { firstUnknown } from "./core/first-unknown.js";
import { isProperties } from "./core/is-properties.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { undecided, type Verdict, violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";
import { WORKLOADS } from "./pod-of.js";

/** Private, shared and link-local ranges; the machines' metadata is in the last. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"];
const WEB_PORTS: readonly unknown[] = [80, 443];
const DNS_PORTS: readonly unknown[] = [53, "dns"];
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

function isDefaultDeny({ props }: Resource): boolean {
  const selector = valueAt(props, "spec.podSelector");
  const types = listAt(props, "spec.policyTypes");
  return (
    isProperties(selector) &&
    Object.keys(selector).length === 0 &&
    types.includes("Ingress") &&
    types.includes("Egress") &&
    listAt(props, "spec.ingress").length === 0 &&
    listAt(props, "spec.egress").length === 0
  );
}

/** Whether a policy is about pods of a workload: labels of its selector are all on them. */
function isAbout(policy: Resource, workload: Resource): boolean {
  const selector = valueAt(policy.props, "spec.podSelector.matchLabels");
  const labels = valueAt(workload.props, "spec.template.metadata.labels");
  if (textAt(policy.props, "metadata.namespace") !== textAt(workload.props, "metadata.namespace")) return false;
  if (!isProperties(selector) || !isProperties(labels)) return false;
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

function portsOf(rule: Value): readonly unknown[] {
  return listAt(rule, "ports").map((port) => valueAt(port, "port"));
}

/** Nothing wrong was seen; but is all of it known? */
function unlessUnknown(props: Value | undefined, path: string): readonly Verdict[] {
  const unknown = firstUnknown(valueAt(props, path));
  return unknown === undefined ? [] : [undecided(path, unknown)];
}

function egressVerdicts(rule: Value): readonly Verdict[] {
  const to = listAt(rule, "to");
  const ports = portsOf(rule);
  if (to.length === 0) {
    const dnsAlone = ports.length > 0 && ports.every((port) => DNS_PORTS.includes(port));
    return dnsAlone ? [] : [violation("an egress rule leads anywhere: it has no `to`")];
  }
  return to
    .filter((peer) => EVERYWHERE.includes(textAt(peer, "ipBlock.cidr") ?? ""))
    .flatMap((peer) => {
      const spared = listAt(peer, "ipBlock.except");
      // Private ranges of IPv6 are told by two prefixes: fc00::/7 and fe80::/10.
      const ranges = textAt(peer, "ipBlock.cidr") === "::/0" ? ["fc00::/7", "fe80::/10"] : PRIVATE;
      const missing = ranges.filter((range) => !spared.includes(range));
      const web = ports.length > 0 && ports.every((port) => WEB_PORTS.includes(port));
      return [
        ...(missing.length === 0 ? [] : [violation(`egress to the Internet does not except ${missing.join(", ")}`)]),
        ...(web ? [] : [violation("egress to the Internet is open on other ports than 80 and 443")]),
      ];
    });
}

export const networkPolicyRules: readonly Rule[] = [
  stackRule({
    id: "namespace-denies-by-default",
    title: "Each namespace denies all traffic that no policy allows",
    why: "A pod that nobody thought of would reach everything.",
    fix: "Declare a NetworkPolicy with podSelector: {}, policyTypes: [Ingress, Egress] and no rules.",
    check: (resources) => {
      const denying = ofKind(resources, KINDS.networkPolicy)
        .filter(isDefaultDeny)
        .map(({ props }) => textAt(props, "metadata.namespace"));
      return ofKind(resources, KINDS.namespace)
        .filter(({ props }) => !denying.includes(undefined) && !denying.includes(textAt(props, "metadata.name")))
        .map(({ urn }) => violation("no NetworkPolicy denies all of its traffic by default", urn));
    },
  }),
  stackRule({
    id: "workload-has-network-policy",
    title: "Each workload has a network policy that says what it needs",
    why: "Under a default deny it reaches nothing otherwise, and somebody will lift the deny.",
    fix: "Declare a NetworkPolicy whose podSelector matches labels of its pods.",
    check: (resources) => {
      const policies = ofKind(resources, KINDS.networkPolicy).filter((policy) => !isDefaultDeny(policy));
      return resources
        .filter(({ kind }) => (WORKLOADS as readonly string[]).includes(kind))
        .filter((workload) => !policies.some((policy) => isAbout(policy, workload)))
        .map(({ urn }) => violation("no NetworkPolicy selects its pods", urn));
    },
  }),
  resourceRule({
    id: "network-policy-names-sources",
    title: "Traffic comes in from named sources alone",
    why: "A rule without sources lets every pod and every address in.",
    fix: "Set from to the load balancer's ranges, or to the namespace of managed Prometheus.",
    of: [KINDS.networkPolicy],
    check: ({ props }) => {
      const rules = listAt(props, "spec.ingress");
      const found = rules.flatMap((rule) => {
        const from = listAt(rule, "from");
        if (isProperties(rule) && from.length === 0) return [violation("an ingress rule has no `from`")];
        const open = from.some((peer) => EVERYWHERE.includes(textAt(peer, "ipBlock.cidr") ?? ""));
        return open ? [violation("an ingress rule lets the whole Internet in")] : [];
      });
      return found.length > 0 ? found : unlessUnknown(props, "spec.ingress");
    },
  }),
  resourceRule({
    id: "network-policy-spares-private-ranges",
    title: "Webhooks go out to the Internet alone",
    why: "It is the second wall behind the relay's own check: a webhook must not reach the metadata of a machine or a private service.",
    fix: `Set except of the ipBlock 0.0.0.0/0 to ${PRIVATE.join(", ")}, on ports 80 and 443.`,
    of: [KINDS.networkPolicy],
    check: ({ props }) => {
      const found = listAt(props, "spec.egress").filter(isProperties).flatMap(egressVerdicts);
      return found.length > 0 ? found : unlessUnknown(props, "spec.egress");
    },
  }),
];
