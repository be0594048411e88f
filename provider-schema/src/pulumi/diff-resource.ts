import type { RelayApi } from "../client/relay-api.js";
import { pulumiName } from "../derive/names.js";
import { sameValue } from "../engine/same-value.js";
import type { Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { detailedDiff } from "./detailed-diff.js";
import { planOfRequest, type RequestedPlan } from "./plan-of-request.js";
import { DiffChanges, type DiffRequest, type DiffResponse } from "./wire/generated/pulumi_provider.js";

/** What differs between an object and its new inputs, and whether another object must take its place. */
export async function diffResource(
  resource: Resource,
  request: DiffRequest,
  api: () => RelayApi,
): Promise<DiffResponse> {
  const requested = await planOfRequest(resource, request, api);
  const { prior, plan } = requested;
  const names = (paths: readonly (readonly (string | number)[])[]) => [
    ...new Set(paths.map(([name]) => pulumiName(String(name), resource.attributes[String(name)] ?? {}))),
  ];
  return {
    replaces: names(plan.replaces),
    stables: plan.replaces.length > 0 ? [] : stables(resource, prior, plan.planned),
    deleteBeforeReplace: namesCollide(resource, requested),
    changes: plan.changed.length > 0 ? DiffChanges.DIFF_CHANGES_SOME : DiffChanges.DIFF_CHANGES_NONE,
    diffs: names(plan.changed),
    detailedDiff: detailedDiff(resource.attributes, { prior, ...plan }),
    hasDetailedDiff: true,
  };
}

/** What the server tells and will not tell differently. */
function stables({ attributes }: Resource, prior: Values, planned: Values): string[] {
  return Object.entries(attributes)
    .filter(([name, { presence, kind }]) => {
      return presence === "computed" && sameValue(kind, prior[name] ?? null, planned[name] ?? null);
    })
    .map(([name, attribute]) => pulumiName(name, attribute));
}

/** Whether the object that takes the place of this one would have its name, in the same parent. */
function namesCollide({ parent }: Resource, { prior, config, plan, autonamed }: RequestedPlan): boolean {
  const moves = plan.replaces.some(([name]) => name === parent);
  return !autonamed && !moves && config.name === prior.name;
}
