import type { Path } from "./path.js";

const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.[\]]+)/gy;

/** The path that the server writes as `buckets.github.outputs["a b"].headers`; what is no path ends it. */
export function parsePath(text: string): Path {
  return [...text.matchAll(STEP)].map(([, index, quoted, name = ""]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name : (JSON.parse(quoted) as string);
  });
}
