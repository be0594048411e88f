import type { Value } from "./value.js";
import { valueAt } from "./value-at.js";

/** The text at a path; undefined where there is none, or none that is known. */
export function textAt(value: Value | undefined, path: string): string | undefined {
  const at = valueAt(value, path);
  return typeof at === "string" ? at : undefined;
}
