import { isRecord } from "./is-record.js";
import type { Path } from "./path.js";
import { isSecretPlace } from "./secret-places.js";

/**
 * The content with an environment's changes in it. Mappings merge, everything else takes the place of what was there, and
 * null takes it out. Where a secret is found is one value: `{file}` does not join `{env}`.
 */
export function mergeOverlay(base: unknown, overlay: unknown, path: Path = []): unknown {
  if (!isRecord(overlay) || isSecretPlace(path)) return overlay;
  const before = isRecord(base) ? base : {};
  const names = new Set([...Object.keys(before), ...Object.keys(overlay)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const own = Object.hasOwn(before, name) ? before[name] : undefined;
      if (!Object.hasOwn(overlay, name)) return [[name, own]];
      if (overlay[name] === null) return [];
      return [[name, mergeOverlay(own, overlay[name], [...path, name])]];
    }),
  );
}
