import type { Resource } from "./resource.js";

/** Whether a resource is made after another, directly or by way of others. */
export function isAfter(resource: Resource, other: Resource, resources: readonly Resource[]): boolean {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const seen = new Set<string>();
  const open = [...resource.dependsOn];
  for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
    if (urn === other.urn) return true;
    if (seen.has(urn)) continue;
    seen.add(urn);
    open.push(...(byUrn.get(urn)?.dependsOn ?? []));
  }
  return false;
}
