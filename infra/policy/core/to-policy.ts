import type {
  PolicyConfigSchema,
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { checkRule } from "./check-rule.js";
import { settingsOf } from "./judge.js";
import { kindOf } from "./kind-of.js";
import { plainProperties } from "./plain-properties.js";
import type { Resource } from "./resource.js";
import type { Rule } from "./rule.js";
import type { Verdict } from "./verdict.js";

function configSchema(rule: Rule): PolicyConfigSchema | undefined {
  const settings = Object.entries(rule.settings);
  if (settings.length === 0) return undefined;
  return {
    properties: Object.fromEntries(
      settings.map(([name, { default: byDefault, description }]) => [
        name,
        { type: "number", default: byDefault, description },
      ]),
    ),
  };
}

type Told = Pick<ResourceValidationArgs, "type" | "props" | "name" | "urn" | "opts"> &
  Partial<Pick<PolicyResource, "dependencies" | "propertyDependencies">>;

function toResource({ type, props, name, urn, opts, dependencies = [], propertyDependencies = {} }: Told): Resource {
  const plain = plainProperties(props);
  return {
    type,
    kind: kindOf(type, plain),
    name,
    urn,
    props: plain,
    protect: opts.protect,
    retainOnDelete: undefined,
    dependsOn: dependencies.map((resource) => resource.urn),
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, on]) => [property, on.map((resource) => resource.urn)]),
    ),
  };
}

function report(rule: Rule, verdicts: readonly Verdict[], reportViolation: ReportViolation): void {
  for (const verdict of verdicts) {
    if (verdict.kind !== "violation") continue;
    reportViolation(`${verdict.what}. Why: ${rule.why} What to do: ${rule.fix}`, verdict.urn);
  }
  // The SDK makes a remark of it that the rule could not run in the preview, and for want of which value.
  const waiting = verdicts.find((verdict) => verdict.kind === "undecided");
  if (waiting?.kind === "undecided" && waiting.cause !== undefined) throw waiting.cause;
}

/** What the policy SDK serves for a rule. */
export function toPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const schema = configSchema(rule);
  const policy = {
    name: rule.id,
    displayName: rule.title,
    description: `${rule.title}.`,
    remediationSteps: rule.fix,
    enforcementLevel: rule.level === "mandatory" ? ("mandatory" as const) : ("advisory" as const),
    ...(schema === undefined ? {} : { configSchema: schema }),
  };
  if (rule.scope === "stack") {
    return {
      ...policy,
      validateStack: (args, reportViolation) => {
        const settings = settingsOf(rule, args.getConfig());
        report(rule, checkRule(rule, { resources: args.resources.map(toResource), settings }), reportViolation);
      },
    };
  }
  return {
    ...policy,
    validateResource: (args, reportViolation) => {
      if (!rule.of.includes(kindOf(args.type, args.props))) return;
      const settings = settingsOf(rule, args.getConfig());
      report(rule, checkRule(rule, { resource: toResource(args), settings }), reportViolation);
    },
  };
}
