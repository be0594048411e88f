import { checkRule } from "./check-rule.js";
import type { Resource } from "./resource.js";
import type { Rule } from "./rule.js";
import type { Verdict } from "./verdict.js";

/** A verdict, of which rule on which resource. */
export interface Finding {
  readonly rule: string;
  /** None when the stack as a whole is meant. */
  readonly urn: string | undefined;
  readonly verdict: Verdict;
}

/** The settings of a rule: what was configured over its defaults. */
export function settingsOf(rule: Rule, configured: Readonly<Record<string, unknown>> = {}): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rule.settings).map(([name, setting]) => {
      const value = configured[name];
      return [name, typeof value === "number" ? value : setting.default];
    }),
  );
}

/** Judges all resources of a stack by all rules, without an engine. */
export function judge(rules: readonly Rule[], resources: readonly Resource[]): readonly Finding[] {
  return rules.flatMap((rule) => {
    const settings = settingsOf(rule);
    if (rule.scope === "stack") {
      return checkRule(rule, { resources, settings }).map((verdict) => ({ rule: rule.id, urn: verdict.urn, verdict }));
    }
    const concerned = resources.filter(({ kind }) => rule.of.includes(kind));
    return concerned.flatMap((resource) =>
      checkRule(rule, { resource, settings }).map((verdict) => ({ rule: rule.id, urn: resource.urn, verdict })),
    );
  });
}
