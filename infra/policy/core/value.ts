import type { NotYetKnown } from "./not-yet-known.js";

/** A property of a resource: JSON, or not yet known. */
export type Value = null | boolean | number | string | NotYetKnown | readonly Value[] | Properties;

/** Properties of a resource, or of an object within it. */
export interface Properties {
  readonly [name: string]: Value | undefined;
}
