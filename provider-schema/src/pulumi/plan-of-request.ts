import type { RelayApi } from "../client/relay-api.js";
import { isSameParent } from "../client/same-parent.js";
import { planResource, type ResourcePlan } from "../engine/plan-resource.js";
import type { Path } from "../engine/problem.js";
import type { Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { attributeValues } from "./attribute-values.js";
import { ignoreChanges } from "./ignore-changes.js";
import { AUTONAMED, priorState } from "./resource-properties.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { Struct } from "./wire/generated/pulumi_provider.js";

/** What Diff and Update are asked with. */
export interface ChangeRequest {
  readonly id: string;
  readonly olds: Struct | undefined;
  readonly oldInputs: Struct | undefined;
  readonly news: Struct | undefined;
  readonly ignoreChanges: readonly string[];
}

/** What is to become of an object, as the engine asks for it. */
export interface RequestedPlan {
  readonly prior: Values;
  readonly config: Values;
  readonly plan: ResourcePlan;
  /** Ways to what is secret in the new inputs. */
  readonly secrets: readonly Path[];
  readonly oldSecrets: readonly Path[];
  readonly autonamed: boolean;
}

/** Plans the change that a request asks for. Asks the server only whether two references mean one parent. */
export async function planOfRequest(
  resource: Resource,
  request: ChangeRequest,
  api: () => RelayApi,
): Promise<RequestedPlan> {
  const oldInputs = decodeProperties(request.oldInputs);
  const news = decodeProperties(request.news);
  const olds = decodeProperties(request.olds);
  const values = ignoreChanges(news.values, oldInputs.values, request.ignoreChanges);
  const prior = { ...priorState(resource, olds.values, oldInputs.values), id: request.id };
  const config = attributeValues(resource.attributes, values).values;
  const sameParent = await isSameParent(api, resource, { prior, config });
  const plan = planResource(resource, { prior, config, sameParent });
  return {
    prior,
    config,
    // Two names of one parent are no change to carry out.
    plan: sameParent ? { ...plan, changed: plan.changed.filter(([name]) => name !== resource.parent) } : plan,
    secrets: news.secrets,
    oldSecrets: oldInputs.secrets,
    autonamed: news.values[AUTONAMED] === true,
  };
}
