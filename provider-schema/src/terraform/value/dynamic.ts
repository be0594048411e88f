import { ExtData } from "@msgpack/msgpack";
import { isValues, UNKNOWN, type Value } from "../../engine/value.js";

/**
 * Values whose type is not in the schema: Terraform sends each with its type and wants it back with the same one, also
 * where a list has become a tuple in our eyes.
 */
const types = new WeakMap<object, string>();

/** A value of the protocol: its type as JSON, and itself. Undefined when it is none. */
export function decodeDynamic(raw: unknown): Value | undefined {
  if (Array.isArray(raw) && raw.length === 2 && raw[0] instanceof Uint8Array) {
    return remembered(Buffer.from(raw[0]).toString("utf8"), plain(raw[1]));
  }
  // As states hold it in JSON.
  if (typeof raw === "object" && raw !== null && "type" in raw && "value" in raw) {
    return remembered(JSON.stringify(raw.type), plain(raw.value));
  }
  return undefined;
}

/** A value with its type: the one it came with, else objects for maps and tuples for lists. */
export function encodeDynamic(value: Value, unknown: unknown): unknown {
  const known = typeof value === "object" && value !== null ? types.get(value) : undefined;
  return [Buffer.from(known ?? JSON.stringify(typeOf(value))), encodable(value, unknown)];
}

function remembered(type: string, value: Value): Value {
  if (typeof value === "object" && value !== null) types.set(value, type);
  return value;
}

function plain(raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  if (raw instanceof ExtData || raw instanceof Date) return UNKNOWN;
  // What has no type inside a typed value carries one again.
  if (Array.isArray(raw)) return decodeDynamic(raw) ?? raw.map((each: unknown) => plain(each));
  if (typeof raw === "object") {
    return Object.fromEntries(Object.entries(raw).map(([name, each]) => [name, plain(each)]));
  }
  return typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean" ? raw : null;
}

function typeOf(value: Value): unknown {
  if (value === null || value === UNKNOWN) return "dynamic";
  if (isValues(value)) {
    return ["object", Object.fromEntries(Object.entries(value).map(([name, each]) => [name, typeOf(each)]))];
  }
  if (typeof value === "object") return ["tuple", value.map((each: Value) => typeOf(each))];
  return typeof value === "string" ? "string" : typeof value === "number" ? "number" : "bool";
}

function encodable(value: Value, unknown: unknown): unknown {
  if (value === UNKNOWN) return unknown;
  if (isValues(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, encodable(each, unknown)]));
  }
  return typeof value === "object" && value !== null ? value.map((each: Value) => encodable(each, unknown)) : value;
}
