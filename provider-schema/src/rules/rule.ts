/** Where a match finds the text that it tests. */
export const RULE_SOURCES = ["header", "payload", "query", "body", "path", "method", "ip"] as const;
export type RuleSource = (typeof RULE_SOURCES)[number];

/** Of these sources a match takes one part by its name; of the others the whole. */
export const NAMED_SOURCES: readonly RuleSource[] = ["header", "payload", "query"];

/** What a match can test. `substring` is another word for `contains`. */
export const RULE_TYPES = [
  "value",
  "contains",
  "does-not-contain",
  "substring",
  "regex",
  "payload-hash-sha1",
  "payload-hash-sha256",
  "payload-hash-sha512",
  "ip-whitelist",
] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export interface RuleParameter {
  readonly source: RuleSource;
  /** Of a header or a query parameter, or a dot path into the payload. */
  readonly name?: string;
  /** Of the tool that the grammar comes from; kept and not used. */
  readonly envname?: string;
  /** The text is base64 and tested decoded. */
  readonly base64decode?: boolean;
}

export interface RuleMatch {
  readonly type: RuleType;
  readonly parameter?: RuleParameter;
  readonly value?: string;
  readonly substring?: string;
  readonly regex?: string;
  readonly secret?: string;
  readonly "ip-range"?: string;
}

/** A tree as people write it: exactly one of the four keys in each node. */
export type Rule =
  | { readonly and: readonly Rule[] }
  | { readonly or: readonly Rule[] }
  | { readonly not: Rule | readonly Rule[] }
  | { readonly match: RuleMatch };

/** Keys of a node. */
export const RULE_KEYS = ["and", "or", "not", "match"] as const;
/** Keys of `match`. */
export const MATCH_KEYS = ["type", "parameter", "value", "substring", "regex", "secret", "ip-range"] as const;
/** Keys of `parameter`. */
export const PARAMETER_KEYS = ["source", "name", "envname", "base64decode"] as const;
