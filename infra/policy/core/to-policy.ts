import {
  type PolicyConfigSchema,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { checkRule } from "./check-rule.js";
import { settingsOf } from "./judge.js";
import { kindOf } from "./kind-of.js";
import { NotYetKnown } from "./not-yet-known.js";
import { plainProperties } from "./plain-properties.js";
import type { Resource } from "./resource.js";
import type { Rule } from "./rule.js";
import type { Properties } from "./value.js";
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

/** What stands for an object that is not yet known in Pulumi's protocol. */
const UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

/**
 * Whether the engine tells nothing of an object of Kubernetes: it asks no provider whose cluster is not there yet, and then
 * has only the object's type and name to tell. Every object that is made has an apiVersion.
 */
function isUnseen(type: string, props: Properties): boolean {
  return type.startsWith("kubernetes:") && Object.keys(props).length === 0;
}

function toResource({ type, props, name, urn, opts, dependencies = [], propertyDependencies = {} }: Told): Resource {
  const plain = plainProperties(props);
  return {
    type,
    kind: kindOf(type, plain),
    name,
    urn,
    props: isUnseen(type, plain) ? new NotYetKnown(new UnknownValueError(UNKNOWN_OBJECT, [name])) : plain,
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
