import { isProperties } from "./is-properties.js";
import { NotYetKnown } from "./not-yet-known.js";
import type { Value } from "./value.js";

/** What is not yet known in a value, at any depth; undefined when all of it is known. */
export function firstUnknown(value: Value | undefined): NotYetKnown | undefined {
  if (value instanceof NotYetKnown) return value;
  const within = Array.isArray(value) ? value : isProperties(value) ? Object.values(value) : [];
  for (const each of within) {
    const unknown = firstUnknown(each);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}
