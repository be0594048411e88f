import { CHECKS, type CheckName } from "./checks.js";
import type { Problem } from "./engine/problem.js";

/** What a check finds wrong with a value; paths begin in the value. */
export function checkProblems(check: CheckName, value: unknown): readonly Problem[] {
  const found: string | readonly Problem[] | undefined = CHECKS[check](value);
  if (found === undefined) return [];
  return typeof found === "string" ? [{ path: [], message: found }] : found;
}
