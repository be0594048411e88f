import { NotYetKnown } from "./not-yet-known.js";
import type { Properties, Value } from "./value.js";

/** Whether a value is an object with properties. */
export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NotYetKnown);
}
