import type { Token } from "../catalog/model.js";

/** Path of a token in the audit: by its name, else by its key. */
export function tokenPath({ id, name }: Pick<Token, "id" | "name">): readonly string[] {
  return [name ?? id];
}
