import type { Value, Values } from "./engine/value.js";

/** As itself, or as the write-only twin that Terraform has of a secret. */
export function isGiven(values: Values, name: string): boolean {
  return !isEmpty(values[name]) || !isEmpty(values[`${name}_wo`]);
}

export function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === "";
}
