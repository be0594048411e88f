import { Encoder, ExtData } from "@msgpack/msgpack";
import { isValues, UNKNOWN, type Value, type Values } from "../../engine/value.js";
import type { Attributes, Kind } from "../../model.js";
import type { DynamicValue } from "../protocol/generated/tfplugin6.js";
import { encodeDynamic } from "./dynamic.js";

const encoder = new Encoder();
const UNKNOWN_DATA = new ExtData(0, new Uint8Array(1));
const NO_JSON = Buffer.alloc(0);

/** Attributes as a value of the protocol; null is "no object". */
export function encodeObject(attributes: Attributes, values: Values | null): DynamicValue {
  return encodeValue({ type: "object", attributes }, values);
}

/** A value of a kind as a value of the protocol. */
export function encodeValue(kind: Kind, value: Value): DynamicValue {
  return { msgpack: Buffer.from(encoder.encode(encodable(kind, value))), json: NO_JSON };
}

/** Objects have exactly the attributes of their kind: terraform refuses more and fewer. */
function encodable(kind: Kind, value: Value): unknown {
  if (value === null) return null;
  if (value === UNKNOWN) return UNKNOWN_DATA;
  switch (kind.type) {
    case "list":
    case "set":
      return Array.isArray(value) ? value.map((each: Value) => encodable(kind.of, each)) : null;
    case "map":
      return isValues(value)
        ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, encodable(kind.of, each)]))
        : null;
    case "object":
      return isValues(value)
        ? Object.fromEntries(
            Object.entries(kind.attributes).map(([name, attribute]) => [
              name,
              encodable(attribute.kind, value[name] ?? null),
            ]),
          )
        : null;
    case "json":
      return encodeDynamic(value, UNKNOWN_DATA);
    default:
      return value;
  }
}
