import type { DeclaredObject, ExistingObject } from "@relay/provider-schema";
import type { HostRefusal } from "../attributes/output-problems.js";

/** What a plan would lead to, to be looked at as a whole. */
export interface ContentCheck {
  readonly declared: readonly DeclaredObject[];
  readonly existing: readonly ExistingObject[];
  readonly owner: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly destinationRefusal: HostRefusal;
}
