import type { Value } from "./core/value.js";

/**
 * Whether a member of a grant is a program that is named: a service account, one identity of a pool, or those of a pool
 * that share an attribute, as the workflows of one repository. A whole pool is not.
 */
export function isProgram(member: Value | undefined): boolean {
  return (
    typeof member === "string" &&
    /^(serviceAccount:|principal:\/\/|principalSet:\/\/.+\/(attribute\.[^/]+|group)\/[^*]+$)/.test(member)
  );
}
