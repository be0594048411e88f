import type { RuleSubject } from "@relay/provider-schema";
import type { WebhookFacts } from "./webhook-facts.js";

/** The texts that a match looks at: none when the webhook lacks them, several of a repeated field. */
export function subjectValues(subject: RuleSubject, facts: WebhookFacts): readonly string[] {
  const values = plainValues(subject, facts);
  return subject.base64 ? values.flatMap(decoded) : values;
}

function plainValues({ source, name }: RuleSubject, facts: WebhookFacts): readonly string[] {
  switch (source) {
    case "header":
      return facts.header(name);
    case "payload":
      return facts.payload.values(name);
    case "query":
      return facts.query(name);
    case "body":
      return [facts.bodyText];
    case "path":
      return [facts.path];
    case "method":
      return [facts.method];
    case "ip":
      return [facts.remoteAddress];
  }
}

/** In either alphabet of RFC 4648; what is not base64 is not there. */
function decoded(text: string): string[] {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) ? [Buffer.from(text, "base64").toString("utf8")] : [];
}
