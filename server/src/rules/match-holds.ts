import type { ParsedRule } from "@relay/provider-schema";
import { hmacMatches } from "./hmac-matches.js";
import { subjectValues } from "./subject-values.js";
import type { WebhookFacts } from "./webhook-facts.js";

/** Whether a webhook passes one match. `look`: characters that a regular expression may look at. */
export function matchHolds(
  { subject, test }: Extract<ParsedRule, { kind: "match" }>,
  facts: WebhookFacts,
  look: number,
): boolean {
  const values = subjectValues(subject, facts);
  switch (test.kind) {
    case "equals":
      return values.includes(test.text);
    case "contains":
      return values.some((value) => value.includes(test.text));
    case "lacks":
      return !values.some((value) => value.includes(test.text));
    case "pattern": {
      let rest = look;
      for (const value of values) {
        if (test.pattern.test(value.slice(0, rest))) return true;
        rest -= value.length;
        if (rest <= 0) return false;
      }
      return false;
    }
    case "hmac": {
      if (values.length === 0) return false;
      const hash = facts.hmac(test.algorithm, test.secret);
      return values.some((value) => hmacMatches(value, test.algorithm, hash));
    }
    case "within":
      return test.ranges.has(facts.remoteAddress);
  }
}
