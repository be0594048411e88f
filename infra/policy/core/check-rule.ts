import { looking, type Unseen } from "./looking.js";
import type { Resource } from "./resource.js";
import type { Rule } from "./rule.js";
import { undecided, type Verdict } from "./verdict.js";

/** What is to be judged: a resource by a rule over single ones, all of them by a rule over the stack. */
export interface Checked {
  readonly resource?: Resource;
  readonly resources?: readonly Resource[];
  readonly settings: Readonly<Record<string, number>>;
}

function held(verdict: Verdict, { path, cause }: Unseen): Verdict {
  if (verdict.kind !== "violation") return verdict;
  return { ...undecided(path, { cause }), ...(verdict.urn === undefined ? {} : { urn: verdict.urn }) };
}

/** Judges by one rule. A violation that a value not yet known may have led to is undecided. */
export function checkRule(rule: Rule, { resource, resources = [], settings }: Checked): readonly Verdict[] {
  const { result, unseen } = looking(() => {
    if (rule.scope === "stack") return rule.check(resources, settings);
    return resource === undefined ? [] : rule.check(resource, settings);
  });
  return unseen === undefined ? result : result.map((verdict) => held(verdict, unseen));
}
