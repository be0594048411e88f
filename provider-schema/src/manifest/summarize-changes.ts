import type { ChangeAction, PlannedChange } from "./plan.js";

/** How many changes there are of each kind. */
export function summarizeChanges(changes: readonly PlannedChange[]): Record<ChangeAction, number> {
  const summary = { create: 0, update: 0, replace: 0, delete: 0, adopt: 0 };
  for (const { action } of changes) summary[action] += 1;
  return summary;
}
