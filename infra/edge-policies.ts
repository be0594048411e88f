import * as gcp from "@pulumi/gcp";
import type * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import type { Project } from "./project.js";

type Rule = gcp.types.input.compute.SecurityPolicyRule;

export interface SecurityPoliciesArgs {
  readonly config: Pick<RelayConfig, "adminNetworks" | "agentNetworks" | "ingestRatePerAddress">;
  readonly project: Project;
}

/** Cloud Armor takes so many networks in a rule. */
const NETWORKS_PER_RULE = 10;
const LAST = 2_147_483_647;
/** Google's rule sets that a person's browser has no reason to match. Watched, not enforced: what they find is in the log. */
const WATCHED = [
  "sqli-v33-stable",
  "xss-v33-stable",
  "lfi-v33-stable",
  "rce-v33-stable",
  "scannerdetection-v33-stable",
];

/**
 * Who gets through to what. Webhooks: everybody, at a rate, and never judged by their body, which is somebody else's data.
 * Agents and the API: networks that are named.
 */
export function securityPolicies(
  name: string,
  { config, project }: SecurityPoliciesArgs,
  options: pulumi.CustomResourceOptions,
): { ingest: pulumi.Output<string>; agents: pulumi.Output<string>; admin: pulumi.Output<string> } {
  const policy = (key: string, description: string, rules: Rule[]) =>
    new gcp.compute.SecurityPolicy(
      `${name}-${key}`,
      {
        project: project.id,
        description,
        type: "CLOUD_ARMOR",
        rules,
        advancedOptionsConfig: { jsonParsing: "DISABLED", logLevel: "NORMAL" },
        adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: true, ruleVisibility: "STANDARD" } },
      },
      options,
    ).name;
  return {
    ingest: policy("ingest", "Webhooks: everybody, at a rate", [
      throttle({ priority: 1000, networks: ["*"], perMinute: config.ingestRatePerAddress }),
      last("allow"),
    ]),
    agents: policy("agents", "Agents: from the networks that are named", [
      // An agent connects once, and again when it is cut off.
      ...letIn({ from: 1000, networks: config.agentNetworks, perMinute: 300 }),
      last("deny(403)"),
    ]),
    admin: policy("admin", "The API: from the networks that are named", [
      ...WATCHED.map((set, index) => ({
        priority: 900 + index,
        action: "deny(403)",
        preview: true,
        description: `Watch ${set}`,
        match: { expr: { expression: `evaluatePreconfiguredWaf('${set}', {'sensitivity': 1})` } },
      })),
      ...letIn({ from: 1000, networks: config.adminNetworks, perMinute: 1200 }),
      last("deny(403)"),
    ]),
  };
}

function letIn({
  from,
  networks,
  perMinute,
}: {
  from: number;
  networks: readonly string[];
  perMinute: number;
}): Rule[] {
  const rules: Rule[] = [];
  for (let start = 0; start < networks.length; start += NETWORKS_PER_RULE) {
    const some = networks.slice(start, start + NETWORKS_PER_RULE);
    rules.push(throttle({ priority: from + rules.length, networks: some, perMinute }));
  }
  return rules;
}

function throttle({
  priority,
  networks,
  perMinute,
}: {
  priority: number;
  networks: string[];
  perMinute: number;
}): Rule {
  return {
    priority,
    action: "throttle",
    description: `At most ${perMinute} a minute from one address`,
    match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: networks } },
    rateLimitOptions: {
      conformAction: "allow",
      exceedAction: "deny(429)",
      enforceOnKey: "IP",
      rateLimitThreshold: { count: perMinute, intervalSec: 60 },
    },
  };
}

function last(action: string): Rule {
  return {
    priority: LAST,
    action,
    description: "Everybody else",
    match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: ["*"] } },
  };
}
