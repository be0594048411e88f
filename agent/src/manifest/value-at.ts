import { isRecord } from "./is-record.js";
import type { Path } from "./path.js";

/** The value at a path, or undefined. Only what a value itself holds counts, nothing inherited. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (Array.isArray(found) ? typeof part !== "number" : !isRecord(found)) return undefined;
    if (!Object.hasOwn(found as object, part)) return undefined;
    found = (found as Record<string | number, unknown>)[part];
  }
  return found;
}
