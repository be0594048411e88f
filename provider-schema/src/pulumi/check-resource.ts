import { planResource } from "../engine/plan-resource.js";
import type { Problem } from "../engine/problem.js";
import { validateConfig } from "../engine/validate-config.js";
import type { Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { attributeValues } from "./attribute-values.js";
import { autoName } from "./auto-name.js";
import { checkFailures } from "./check-failures.js";
import { AUTONAMED, encodeInputs } from "./resource-properties.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { CheckRequest, CheckResponse } from "./wire/generated/pulumi_provider.js";

/** The inputs of a resource with its name and defaults, or everything that is wrong with them. */
export function checkResource(resource: Resource, request: CheckRequest): CheckResponse {
  const { attributes } = resource;
  const news = decodeProperties(request.news);
  const given = attributeValues(attributes, news.values);
  const named = withName(resource, given.values, request);
  const problems = [
    ...checkFailures({}, given.problems),
    ...checkFailures(attributes, [...named.problems, ...validateConfig(attributes, named.values)]),
  ];
  if (problems.length > 0) return { inputs: request.news, failures: problems };
  const { planned } = planResource(resource, { prior: null, config: named.values });
  return {
    inputs: encodeInputs(resource, planned, { secrets: news.secrets, autonamed: named.autonamed }),
    failures: [],
  };
}

interface Named {
  readonly values: Values;
  readonly autonamed: boolean;
  readonly problems: readonly Problem[];
}

/** In Pulumi the name is optional: that of before is kept, and a new object gets one of its resource's name. */
function withName({ attributes }: Resource, values: Values, request: CheckRequest): Named {
  if (attributes.name === undefined || (values.name ?? null) !== null)
    return { values, autonamed: false, problems: [] };
  const olds = decodeProperties(request.olds).values;
  if (typeof olds.name === "string") {
    return { values: { ...values, name: olds.name }, autonamed: olds[AUTONAMED] === true, problems: [] };
  }
  const name = autoName({
    name: request.name || (request.urn.split("::").at(-1) ?? ""),
    randomSeed: request.randomSeed,
    autonaming: request.autonaming,
  });
  if (name !== undefined) return { values: { ...values, name }, autonamed: true, problems: [] };
  const message = "is required: automatic naming is disabled for this stack";
  // Any name: there is one problem to tell, not two.
  return { values: { ...values, name: "-" }, autonamed: false, problems: [{ path: ["name"], message }] };
}
