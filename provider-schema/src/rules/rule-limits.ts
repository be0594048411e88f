/**
 * How large a tree may be. They bound what an evaluation costs whatever the webhook: the time of RE2 grows with the size of a
 * pattern's program times the length of the text, so the programs of a tree share one allowance.
 */
export const RULE_LIMITS = {
  /** Nodes one inside another. */
  depth: 16,
  nodes: 200,
  /** Bytes of all texts of a tree in UTF-8. */
  textBytes: 65_536,
  /** Bytes of one value, substring or secret. */
  literalBytes: 4_096,
  /** Characters of a name, such as a dot path. */
  nameLength: 256,
  /** Characters of one regular expression. */
  regexLength: 1_024,
  /** Instructions that all regular expressions of a tree compile to. */
  regexInstructions: 1_000,
  /** Every hash reads the whole body. */
  hashes: 8,
  /** Networks and addresses of one `ip-range`. */
  ranges: 256,
} as const;
