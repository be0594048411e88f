import { isProperties } from "./is-properties.js";
import { NotYetKnown } from "./not-yet-known.js";
import type { Value } from "./value.js";

/**
 * The value at a path such as "settings.ipConfiguration.ipv4Enabled"; undefined where nothing is set, and not yet known
 * where something above it is not. For those who handle what is not yet known themselves; others take `valueAt`.
 */
export function peekAt(value: Value | undefined, path: string): Value | undefined {
  let at = value;
  for (const name of path.split(".")) {
    if (at instanceof NotYetKnown) return at;
    if (!isProperties(at)) return undefined;
    at = at[name] ?? undefined;
  }
  return at;
}
