import type { ManifestPlan } from "@relay/provider-schema";

/** Such as `Plan: 2 to create, 1 to change, 0 to replace, 1 to delete, 0 to adopt.` */
export function planSummary({ summary }: ManifestPlan): string {
  const { create, update, replace, delete: remove, adopt } = summary;
  return `Plan: ${create} to create, ${update} to change, ${replace} to replace, ${remove} to delete, ${adopt} to adopt.`;
}

/** Such as `2 created, 1 changed, 0 replaced, 1 deleted, 0 adopted`, when that has been done. */
export function appliedSummary({ summary }: ManifestPlan): string {
  const { create, update, replace, delete: remove, adopt } = summary;
  return `${create} created, ${update} changed, ${replace} replaced, ${remove} deleted, ${adopt} adopted`;
}
