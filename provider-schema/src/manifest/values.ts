import type { Json } from "../model.js";

/** Values of an object by the names of its attributes. */
export type Values = { readonly [name: string]: Json };

/** A JSON object. */
export function isValues(value: Json | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
