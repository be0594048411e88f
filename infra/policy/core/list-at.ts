import { note } from "./looking.js";
import { peekListAt } from "./peek-list-at.js";
import type { Value } from "./value.js";

/** The list at a path, as `peekListAt` tells it; that it was looked at is noted. */
export function listAt(value: Value | undefined, path: string): readonly Value[] {
  const at = peekListAt(value, path);
  note(at, path);
  return at;
}
