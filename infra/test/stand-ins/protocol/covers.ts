import type { Path } from "../../../../provider-schema/src/engine/problem.js";

/** Whether a path is `pattern`, as "spec.selector", or below it. A step `*` means any. */
export function covers(pattern: string, path: Path): boolean {
  const steps = pattern.split(".");
  return steps.length <= path.length && steps.every((step, i) => step === "*" || step === String(path[i]));
}
