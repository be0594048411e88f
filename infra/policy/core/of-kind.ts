import type { Resource } from "./resource.js";

/** Resources of one kind. */
export function ofKind(resources: readonly Resource[], kind: string): readonly Resource[] {
  return resources.filter((resource) => resource.kind === kind);
}
