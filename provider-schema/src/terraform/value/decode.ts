import { Decoder, ExtData } from "@msgpack/msgpack";
import { UNKNOWN, type Value, type Values } from "../../engine/value.js";
import type { Attributes, Kind } from "../../model.js";
import type { DynamicValue } from "../protocol/generated/tfplugin6.js";
import { decodeDynamic } from "./dynamic.js";

/** A value of the protocol that is none of its type. */
export class DecodeError extends Error {
  override name = "DecodeError";
}

const decoder = new Decoder();

/** Attributes that came as a value of the protocol; null for "no object". Throws DecodeError. */
export function decodeObject(attributes: Attributes, value: DynamicValue | undefined): Values | null {
  const decoded = decodeValue({ type: "object", attributes }, value);
  if (decoded === null) return null;
  if (typeof decoded === "object" && !Array.isArray(decoded)) return decoded as Values;
  throw new DecodeError("an object as a whole is unknown");
}

/** A value of a kind. What is unknown is UNKNOWN, whatever is known of it. Throws DecodeError. */
export function decodeValue(kind: Kind, value: DynamicValue | undefined): Value {
  if (value === undefined) return null;
  if (value.msgpack.length > 0) return decodeKind(kind, decoder.decode(value.msgpack), "");
  return value.json.length > 0 ? decodeJson(kind, value.json) : null;
}

/** A value as states hold it in JSON. Throws DecodeError. */
export function decodeJson(kind: Kind, json: Uint8Array): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(json).toString("utf8"));
  } catch {
    throw new DecodeError("is not JSON");
  }
  return decodeKind(kind, parsed, "");
}

function decodeKind(kind: Kind, raw: unknown, at: string): Value {
  if (raw === null || raw === undefined) return null;
  // Every extension is some unknown; the decoder takes code -1 for a time.
  if (raw instanceof ExtData || raw instanceof Date) return UNKNOWN;
  switch (kind.type) {
    case "string":
      if (typeof raw === "string") return raw;
      break;
    case "boolean":
      if (typeof raw === "boolean") return raw;
      break;
    case "integer": {
      // A number that a float cannot hold comes as a decimal.
      const number = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
      if (typeof number === "number" && !Number.isNaN(number)) return number;
      break;
    }
    case "list":
    case "set":
      if (Array.isArray(raw)) return raw.map((each: unknown, i) => decodeKind(kind.of, each, `${at}[${i}]`));
      break;
    case "map":
      if (isNamed(raw)) {
        return Object.fromEntries(
          Object.entries(raw).map(([name, each]) => [name, decodeKind(kind.of, each, `${at}[${name}]`)]),
        );
      }
      break;
    case "json": {
      const value = decodeDynamic(raw);
      if (value !== undefined) return value;
      break;
    }
    case "object":
      // Not what else it has: a state of another version may have more.
      if (isNamed(raw)) {
        return Object.fromEntries(
          Object.entries(kind.attributes).map(([name, attribute]) => [
            name,
            decodeKind(attribute.kind, raw[name], at === "" ? name : `${at}.${name}`),
          ]),
        );
      }
  }
  throw new DecodeError(`${at || "the value"} is not a ${kind.type}`);
}

function isNamed(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
