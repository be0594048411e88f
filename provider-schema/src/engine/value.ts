/** Stands for a value that is known only once something else was made. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A value of an attribute in configuration, plan or state; null is "none". */
export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [name: string]: Value };

/** An object's attributes by name. */
export type Values = { readonly [name: string]: Value };

/** True for an object of attributes or a map. */
export function isValues(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True when there is something unknown in it. */
export function hasUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return (Array.isArray(value) ? value : Object.values(value)).some((each) => hasUnknown(each));
}
