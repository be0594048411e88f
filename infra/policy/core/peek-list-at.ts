import { NotYetKnown } from "./not-yet-known.js";
import { peekAt } from "./peek-at.js";
import type { Value } from "./value.js";

/** The list at a path; empty where there is none, and one element that is not yet known where the whole list is not. */
export function peekListAt(value: Value | undefined, path: string): readonly Value[] {
  const at = peekAt(value, path);
  if (at instanceof NotYetKnown) return [at];
  return Array.isArray(at) ? at : [];
}
