import type { Values } from "../engine/value.js";
import type { Resource } from "../model.js";

/** By what a planned object, or the one that has its name, is imported. */
export function importIdOf({ parent }: Resource, planned: Values): string {
  return [...(parent === undefined ? [] : [parent]), "name"]
    .map((name) => encodeURIComponent(String(planned[name])))
    .join("/");
}
