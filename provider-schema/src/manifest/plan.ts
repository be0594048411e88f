import type { Json } from "../model.js";

/** What happens to one object. `adopt` takes over an object that somebody else manages; it may change it, too. */
export type ChangeAction = "create" | "update" | "replace" | "delete" | "adopt";

/** One attribute's change. Secrets are only ever told to differ. */
export interface PlannedAttribute {
  /** Such as `auth.username`. */
  readonly path: string;
  /** Absent: it was not there, or is a secret. */
  readonly before?: Json;
  readonly after?: Json;
  readonly secret?: true;
  /** Because of it the object is replaced. */
  readonly replaces?: true;
}

export interface PlannedChange {
  readonly action: ChangeAction;
  /** Name of the resource, such as `input`. */
  readonly resource: string;
  /** Names from the outermost object on, such as `["github", "push"]`. */
  readonly path: readonly string[];
  /** Id of the object there is; absent for one that is to be made. */
  readonly id?: string;
  readonly attributes: readonly PlannedAttribute[];
  /** Who managed an adopted object; empty for people. */
  readonly managedBy?: string;
  /** Webhooks that a deletion would throw away undelivered. */
  readonly undelivered?: number;
}

/** Answer of `POST /v1/manifests/{name}/plan`. */
export interface ManifestPlan {
  readonly manifest: string;
  readonly changes: readonly PlannedChange[];
  readonly summary: Readonly<Record<ChangeAction, number>>;
  /** Of exactly this plan on exactly this state: what `apply` must be given. */
  readonly fingerprint: string;
}

/** One thing that is wrong with a manifest, or in the way of it. */
export interface ManifestProblem {
  /** Such as `buckets.github.inputs.push.status_code`. */
  readonly path: string;
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
}
