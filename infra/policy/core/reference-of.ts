import { NotYetKnown } from "./not-yet-known.js";
import { peekAt } from "./peek-at.js";
import type { Resource } from "./resource.js";

export interface Reference {
  readonly resource: Resource;
  /** Property that holds the reference. */
  readonly path: string;
  /** Kind of what is referred to. */
  readonly to: string;
}

/**
 * What tells one thing that is referred to from another: the URN that the property's value comes from, which is known in
 * a preview, too, else the value as it is written. Undefined when neither is known.
 */
export function referenceOf({ resource, path, to }: Reference, resources: readonly Resource[]): string | undefined {
  const value = peekAt(resource.props, path);
  if (value === undefined) return undefined;
  const [property = path] = path.split(".");
  const urns = resource.propertyDependencies[property] ?? [];
  const sources = resources.filter(({ urn, kind }) => kind === to && urns.includes(urn));
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only.urn;
  return value instanceof NotYetKnown ? undefined : String(value);
}
