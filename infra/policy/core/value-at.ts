import { note } from "./looking.js";
import { peekAt } from "./peek-at.js";
import type { Value } from "./value.js";

/** The value at a path, as `peekAt` tells it; that it was looked at is noted. */
export function valueAt(value: Value | undefined, path: string): Value | undefined {
  const at = peekAt(value, path);
  note(at, path);
  return at;
}
