import type { Path } from "../../../../provider-schema/src/engine/problem.js";
import { isValues, type Value } from "../../../../provider-schema/src/engine/value.js";

/** One value that differs. */
export interface Difference {
  readonly path: Path;
  readonly change: "add" | "delete" | "update";
}

/** What differs between two values, as far down as they have the same shape. None and null are the same. */
export function differences(before: Value | undefined, after: Value | undefined, at: Path = []): readonly Difference[] {
  const old: Value = before ?? null;
  const now: Value = after ?? null;
  if (old === now) return [];
  if (old === null) return [{ path: at, change: "add" }];
  if (now === null) return [{ path: at, change: "delete" }];
  if (isValues(old) && isValues(now)) {
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return names.flatMap((name) => differences(old[name], now[name], [...at, name]));
  }
  if (isList(old) && isList(now)) {
    const longest = Math.max(old.length, now.length);
    return Array.from({ length: longest }, (_, i) => differences(old[i], now[i], [...at, i])).flat();
  }
  return [{ path: at, change: "update" }];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
