import { manifestPath } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** The way to a value in a manifest: names, and positions in lists. */
export type Path = readonly (string | number)[];

/** Such as `buckets.github.outputs["a b"].headers.X-A[0]`, to be shown. */
export function pathText(path: Path): string {
  return escapedText(manifestPath(path));
}
