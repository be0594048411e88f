import { manifestPath, type ParsedRule, type RuleSubject } from "@relay/provider-schema";
import { subjectValues } from "./subject-values.js";
import type { WebhookFacts } from "./webhook-facts.js";

/** A rule that decided against a webhook. */
export interface Failure {
  readonly rule: ParsedRule;
  /** False: it held and must not. */
  readonly wanted: boolean;
}

const MAX_REASON = 300;

/**
 * Such as `rules.and[1].match: header X-GitHub-Event is another value`. Neither what the rule compares with nor what the
 * webhook holds is told: either may be a secret.
 */
export function rejectionReason({ rule, wanted }: Failure, facts: WebhookFacts): string {
  const at = manifestPath(["rules", ...rule.path]);
  const text = `${at}: ${rule.kind === "match" ? matchReason(rule, wanted, facts) : groupReason(rule)}`;
  return text.length > MAX_REASON ? `${text.slice(0, MAX_REASON - 3)}...` : text;
}

/** Of a group that needed one rule to be otherwise. */
function groupReason({ kind, rules }: Exclude<ParsedRule, { kind: "match" }>): string {
  return kind === "all" ? `all ${rules.length} rules hold, and must not` : `none of its ${rules.length} rules holds`;
}

function matchReason(
  { subject, test }: Extract<ParsedRule, { kind: "match" }>,
  wanted: boolean,
  facts: WebhookFacts,
): string {
  const what = nameOf(subject);
  const missing = subjectValues(subject, facts).length === 0;
  if (missing && (wanted || test.kind === "lacks")) {
    const why = subject.source === "payload" ? facts.payload.problem : undefined;
    return why === undefined ? `there is no ${what}` : `there is no ${what}: ${why}`;
  }
  const [holds, fails] = WORDS[test.kind];
  return wanted ? `${what} ${fails}` : `${what} ${holds}, and must not`;
}

/** In words, when a test holds and when it does not. */
const WORDS = {
  equals: ["has the value", "has another value"],
  contains: ["contains the text", "does not contain the text"],
  lacks: ["lacks the text", "contains the text"],
  pattern: ["matches the regular expression", "does not match the regular expression"],
  hmac: ["is the signature of the body", "is not the signature of the body"],
  within: ["is within the networks", "is not within the networks"],
} as const;

function nameOf({ source, name }: RuleSubject): string {
  const shown = /^[\x21-\x7e]+$/.test(name) ? name : JSON.stringify(name);
  switch (source) {
    case "header":
      return `header ${shown}`;
    case "payload":
      return `payload ${shown}`;
    case "query":
      return `query parameter ${shown}`;
    case "ip":
      return "sender's address";
    default:
      return source;
  }
}
