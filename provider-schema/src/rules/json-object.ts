/** A JSON object, whose keys may be anything: read it with `givenKeys` and `keyOf`, never by a name of the sender's alone. */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys that hold something: clients write null for "not set". */
export function givenKeys(object: JsonObject): string[] {
  return Object.keys(object).filter((key) => object[key] !== null && object[key] !== undefined);
}

/** The value of a key of the object itself, or undefined; null counts as absent. */
export function keyOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}
