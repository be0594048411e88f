import type { Path } from "../engine/problem.js";
import type { AddressRanges } from "./address-ranges.js";
import type { Pattern } from "./compile-pattern.js";
import type { RuleSource } from "./rule.js";

/** What a match looks at. */
export interface RuleSubject {
  readonly source: RuleSource;
  /** Empty where the source has no parts. */
  readonly name: string;
  readonly base64: boolean;
}

export type RuleTest =
  | { readonly kind: "equals"; readonly text: string }
  | { readonly kind: "contains"; readonly text: string }
  /** True, too, when there is nothing to look at. */
  | { readonly kind: "lacks"; readonly text: string }
  | { readonly kind: "pattern"; readonly pattern: Pattern }
  | { readonly kind: "hmac"; readonly algorithm: "sha1" | "sha256" | "sha512"; readonly secret: string }
  | { readonly kind: "within"; readonly ranges: AddressRanges };

/** A tree that was read: right, and ready to be evaluated. `path` is where it was written. */
export type ParsedRule =
  | { readonly kind: "all" | "any" | "none"; readonly path: Path; readonly rules: readonly ParsedRule[] }
  | { readonly kind: "match"; readonly path: Path; readonly subject: RuleSubject; readonly test: RuleTest };
