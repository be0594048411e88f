import { UNKNOWN, type Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import type { RelayApi } from "./relay-api.js";

/**
 * Whether a configuration refers to the parent that the object has, though in other words: by name instead of by id.
 * Asks the server only when that cannot be seen. Throws RelayApiError.
 */
export async function isSameParent(
  api: () => RelayApi,
  { parent }: Resource,
  { prior, config }: { prior: Values; config: Values },
): Promise<boolean> {
  if (parent === undefined) return false;
  const reference = config[parent] ?? null;
  const id = prior[`${parent}_id`] ?? null;
  if (reference === UNKNOWN || typeof reference !== "string" || reference === prior[parent]) return false;
  if (reference === id) return true;
  const view = await api().find(`/v1/${parent}s/${encodeURIComponent(reference)}`);
  return typeof view === "object" && view !== null && !Array.isArray(view) && "id" in view && view.id === id;
}
