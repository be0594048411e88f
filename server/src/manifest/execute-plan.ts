import type { PlannedChange } from "@relay/provider-schema";
import type pg from "pg";
import type { Execution, MadeIds } from "./execution.js";
import { MANIFEST_RESOURCES } from "./resources/manifest-resources.js";
import { isMade, PlanWork } from "./resources/plan-work.js";

/**
 * Carries a plan out inside the transaction that holds the catalog's lock, in a few statements however many objects there
 * are. Rejects, and then the transaction must be rolled back, when any of it fails.
 */
export async function executePlan(client: pg.PoolClient, execution: Execution): Promise<MadeIds> {
  const work = new PlanWork(execution);
  const of = (resource: string, which: (change: PlannedChange) => boolean) =>
    execution.changes.filter((change) => change.resource === resource && which(change));

  for (const { resource, remove } of [...MANIFEST_RESOURCES].reverse()) {
    const ending = of(resource.name, ({ action }) => action === "delete" || action === "replace");
    await remove(
      client,
      ending.flatMap(({ id }) => id ?? []),
    );
  }
  for (const { resource, make, change } of MANIFEST_RESOURCES) {
    await make(client, of(resource.name, isMade), work);
    const changed = of(resource.name, (each) => each.action !== "delete" && !isMade(each));
    expectAll(await change(client, changed, work), changed);
  }
  return work.made;
}

/** Under the lock nobody else can have removed one: a difference is a mistake of ours, and nothing may stay of it. */
function expectAll(written: number, changes: readonly PlannedChange[]): void {
  if (written !== changes.length) throw new Error(`manifest: ${changes.length} rows to change, but ${written} were`);
}
