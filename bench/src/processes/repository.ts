import { fileURLToPath } from "node:url";

/** Absolute path of a file in the repository, given from its root. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
