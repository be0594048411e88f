import { backendPoliciesFor, namesArmor } from "./backends.js";
import { expectSet, expectThat, expectValue, expectValues } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import type { Value } from "./core/value.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

/** Inspects bodies with Google's preconfigured rules, in one of the two spellings. */
function inspectsBodies(rule: Value): boolean {
  return /evaluatePreconfigured(Waf|Expr)/.test(textAt(rule, "match.expr.expression") ?? "");
}

export const edgeRules: readonly Rule[] = [
  resourceRule({
    id: "gcp-3.3-dnssec",
    title: "Answers about the relay's names are signed",
    why: "Nobody on the way can send senders and agents elsewhere.",
    fix: "Set dnssecConfig.state: on.",
    of: [KINDS.zone],
    check: ({ props }) =>
      textAt(props, "visibility") === "private" ? [] : expectValue(props, "dnssecConfig.state", "on"),
  }),
  resourceRule({
    id: "certificate-managed",
    title: "Certificates are issued and renewed by Google, by way of DNS",
    why: "A certificate that somebody has to renew expires one day.",
    fix: "Set managed.domains and managed.dnsAuthorizations.",
    level: "production",
    of: [KINDS.certificate],
    check: ({ props }) => expectSet(props, "managed.domains", "managed.dnsAuthorizations"),
  }),
  stackRule({
    id: "certificate-map-has-entries",
    title: "The certificate map holds certificates",
    why: "A gateway with an empty map refuses every connection.",
    fix: "Declare a CertificateMapEntry with the map and its certificates.",
    check: (resources) =>
      ofKind(resources, KINDS.certificateMap).length === 0 ||
      ofKind(resources, KINDS.certificateMapEntry).some(({ props }) => valueAt(props, "certificates") !== undefined)
        ? []
        : [violation("no CertificateMapEntry names a certificate")],
  }),
  resourceRule({
    id: "gcp-3.9-ssl-policy",
    title: "The edge speaks TLS 1.2 or newer, with strong ciphers",
    why: "Older ones can be read or changed on the way.",
    fix: "Set profile: RESTRICTED and minTlsVersion: TLS_1_2.",
    of: [KINDS.sslPolicy],
    check: ({ props }) => expectValues(props, { profile: "RESTRICTED", minTlsVersion: ["TLS_1_2", "TLS_1_3"] }),
  }),
  resourceRule({
    id: "armor-throttles",
    title: "One client's address can send so much and no more",
    why: "One sender that runs wild would use up what all share.",
    fix: "Add a rule with action throttle and rateLimitOptions.",
    of: [KINDS.securityPolicy],
    check: ({ props }) =>
      expectThat(props, "rules", {
        says: "has none that throttles by client",
        test: (rules) =>
          Array.isArray(rules) &&
          rules.some(
            (rule: Value) =>
              ["throttle", "rate_based_ban"].includes(textAt(rule, "action") ?? "") &&
              valueAt(rule, "rateLimitOptions.rateLimitThreshold") !== undefined,
          ),
      }),
  }),
  resourceRule({
    id: "armor-adaptive-protection",
    title: "Floods of requests are recognised",
    why: "A flood from many addresses stays under the limit of each.",
    fix: "Set adaptiveProtectionConfig.layer7DdosDefenseConfig.enable: true.",
    level: "production",
    of: [KINDS.securityPolicy],
    check: ({ props }) => expectValue(props, "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable", true),
  }),
  stackRule({
    id: "armor-leaves-webhooks-alone",
    title: "Rules that look into requests only watch, and webhooks are not among what they watch",
    why: "Bodies of webhooks look like attacks, and a webhook that is refused is lost.",
    fix: "Set preview: true on such rules, and keep them in a SecurityPolicy that no GCPBackendPolicy of /v1/webhooks names.",
    check: (resources) => {
      const forWebhooks = backendPoliciesFor("webhooks", resources);
      return ofKind(resources, KINDS.securityPolicy).flatMap((armor) => {
        const looking = listAt(armor.props, "rules").filter(inspectsBodies);
        const named = forWebhooks.find((policy) => looking.length > 0 && namesArmor(policy, armor, resources));
        return [
          ...looking.flatMap((rule) => expectValue(rule, "preview", true)),
          ...(named === undefined ? [] : [violation(`it looks into webhooks, by way of ${named.name}`)]),
        ].map((verdict) => ({ ...verdict, urn: armor.urn }));
      });
    },
  }),
  resourceRule({
    id: "armor-does-not-parse-bodies",
    title: "The edge does not parse bodies",
    why: "What it cannot parse, it might refuse; the relay passes every byte.",
    fix: "Set advancedOptionsConfig.jsonParsing: DISABLED.",
    of: [KINDS.securityPolicy],
    check: ({ props }) => expectValue(props, "advancedOptionsConfig.jsonParsing", "DISABLED"),
  }),
  stackRule({
    id: "gateway-has-fixed-address",
    title: "The gateway's address is reserved",
    why: "A new gateway would get another one, and DNS would be wrong for hours.",
    fix: "Declare a compute.GlobalAddress, and name it in the gateway's addresses as a NamedAddress.",
    check: (resources) => {
      const reserved = ofKind(resources, KINDS.globalAddress).filter(
        ({ props }) => textAt(props, "purpose") !== "VPC_PEERING",
      );
      return ofKind(resources, KINDS.gateway).flatMap((gateway) => {
        const named = listAt(gateway.props, "spec.addresses").filter((each) => textAt(each, "type") === "NamedAddress");
        const sources = gateway.propertyDependencies.spec ?? [];
        const found = named.some((address) =>
          reserved.some(({ urn, props }) => {
            const own = valueAt(props, "name");
            // Where nobody chose a name it is Pulumi's, and shows by where the gateway takes it from.
            return sources.includes(urn) || (own !== undefined && valueAt(address, "value") === own);
          }),
        );
        return found ? [] : [violation("it has no NamedAddress that the stack reserves", gateway.urn)];
      });
    },
  }),
];
