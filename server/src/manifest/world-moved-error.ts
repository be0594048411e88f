import type { ManifestPlan } from "@relay/provider-schema";

/** What is there is not what the plan was made on. */
export class WorldMovedError extends Error {
  override name = "WorldMovedError";
  /** What would be done now. */
  readonly plan: ManifestPlan;

  constructor(plan: ManifestPlan) {
    super("What exists, or the manifest, has changed since the plan was made. Nothing was done; look at the new plan.");
    this.plan = plan;
  }
}
