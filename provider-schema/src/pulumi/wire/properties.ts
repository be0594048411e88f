import type { Path } from "../../engine/problem.js";
import type { Values } from "../../engine/value.js";

/** Properties of a resource, by the names that they have in Pulumi. */
export interface Properties {
  /** Null is "none"; unknown is UNKNOWN. */
  readonly values: Values;
  /** Ways to what is secret. */
  readonly secrets: readonly Path[];
}
