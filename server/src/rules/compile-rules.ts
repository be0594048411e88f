import { type ParsedRule, readRules } from "@relay/provider-schema";
import { matchHolds } from "./match-holds.js";
import { type Failure, rejectionReason } from "./rejection-reason.js";
import type { WebhookFacts } from "./webhook-facts.js";
import { WEBHOOK_LIMITS } from "./webhook-limits.js";

export type Verdict =
  | { readonly accepted: true }
  /** The reason names the rule and what of the webhook it looked at, never its content. */
  | { readonly accepted: false; readonly reason: string };

export interface CompiledRules {
  /** Pure; takes time and memory that `RULE_LIMITS` and `WEBHOOK_LIMITS` bound, whatever the webhook. Never throws. */
  accepts(facts: WebhookFacts): Verdict;
}

const ACCEPTED: Verdict = { accepted: true };

/**
 * Compiles a tree of rules as people wrote it; null and {} accept everything. A tree with problems, which the checks of the
 * edge do not let in, rejects everything: nothing is delivered that rules were meant to hold back.
 */
export function compileRules(tree: unknown): CompiledRules {
  const { rule, instructions, problems } = readRules(tree);
  if (problems.length > 0) {
    const refused: Verdict = { accepted: false, reason: "rules: cannot be read; write them anew" };
    return { accepts: () => refused };
  }
  if (rule === undefined) return { accepts: () => ACCEPTED };
  const { regexCharacters, regexSteps } = WEBHOOK_LIMITS;
  const look = Math.min(regexCharacters, Math.floor(regexSteps / Math.max(1, instructions)));
  return {
    accepts: (facts) => {
      const failure = failureOf(rule, true, { facts, look });
      return failure === undefined ? ACCEPTED : { accepted: false, reason: rejectionReason(failure, facts) };
    },
  };
}

/** Undefined when the rule holds as `wanted`, else the rule to blame: the first that decided, as deep as one alone did. */
function failureOf(
  rule: ParsedRule,
  wanted: boolean,
  context: { readonly facts: WebhookFacts; readonly look: number },
): Failure | undefined {
  switch (rule.kind) {
    case "match":
      return matchHolds(rule, context.facts, context.look) === wanted ? undefined : { rule, wanted };
    case "all":
      return wanted ? firstFailure(rule, true, context) : failureOfAll(rule, { each: false, wanted, context });
    case "any":
      return wanted ? failureOfAll(rule, { each: true, wanted, context }) : firstFailure(rule, false, context);
    case "none":
      return wanted ? firstFailure(rule, false, context) : failureOfAll(rule, { each: true, wanted, context });
  }
}

type Group = Exclude<ParsedRule, { kind: "match" }>;
type Context = Parameters<typeof failureOf>[2];

/** Every rule of the group must be as wanted. */
function firstFailure(group: Group, each: boolean, context: Context): Failure | undefined {
  for (const rule of group.rules) {
    const failure = failureOf(rule, each, context);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** One rule of the group must be as wanted. */
function failureOfAll(
  group: Group,
  { each, wanted, context }: { each: boolean; wanted: boolean; context: Context },
): Failure | undefined {
  let only: Failure | undefined;
  for (const rule of group.rules) {
    only = failureOf(rule, each, context);
    if (only === undefined) return undefined;
  }
  return group.rules.length === 1 ? only : { rule: group, wanted };
}
