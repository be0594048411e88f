import type { Resource } from "../model.js";
import type { DeclaredObject } from "./manifest-object.js";

/** Steps to an object in a manifest, such as `["buckets", "github", "inputs", "push"]`. */
export function objectPath(
  resources: readonly Resource[],
  { resource, path }: Pick<DeclaredObject, "resource" | "path">,
): string[] {
  const found = resources.find(({ name }) => name === resource);
  const name = path.at(-1);
  if (found === undefined || name === undefined) return [];
  const parent = found.parent;
  const before = parent === undefined ? [] : objectPath(resources, { resource: parent, path: path.slice(0, -1) });
  return [...before, found.plural, name];
}
