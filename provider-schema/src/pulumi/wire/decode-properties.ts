import type { Path } from "../../engine/problem.js";
import { type Value as AttributeValue, UNKNOWN, type Values } from "../../engine/value.js";
import type { Struct, Value } from "./generated/pulumi_provider.js";
import { ARCHIVE, ASSET, OUTPUT_VALUE, RESOURCE_REFERENCE, SECRET, SIGNATURE, UNKNOWNS } from "./markers.js";
import type { Properties } from "./properties.js";

/** Properties as the engine sends them. Throws TypeError for what no attribute can be: an asset, an unknown marker. */
export function decodeProperties(struct: Struct | undefined): Properties {
  const secrets: Path[] = [];
  return { values: struct === undefined ? {} : decodeFields(struct, [], secrets), secrets };
}

function decodeFields({ fields }: Struct, at: Path, secrets: Path[]): Values {
  // Not by assignment: a header may be called __proto__.
  return Object.fromEntries([...fields].map(([name, value]) => [name, decodeValue(value, [...at, name], secrets)]));
}

function decodeValue({ kind }: Value, at: Path, secrets: Path[]): AttributeValue {
  switch (kind?.$case) {
    case "stringValue":
      return UNKNOWNS.has(kind.value) ? UNKNOWN : kind.value;
    case "numberValue":
    case "boolValue":
      return kind.value;
    case "listValue":
      return kind.value.values.map((each, i) => decodeValue(each, [...at, i], secrets));
    case "structValue":
      return decodeObject(kind.value, at, secrets);
    default:
      return null;
  }
}

function decodeObject(struct: Struct, at: Path, secrets: Path[]): AttributeValue {
  const signature = struct.fields.get(SIGNATURE)?.kind;
  if (signature === undefined) return decodeFields(struct, at, secrets);
  const marker = signature.$case === "stringValue" ? signature.value : "";
  const value = struct.fields.get("value");
  switch (marker) {
    case SECRET:
      secrets.push(at);
      return value === undefined ? null : decodeValue(value, at, secrets);
    case OUTPUT_VALUE: {
      const secret = struct.fields.get("secret")?.kind;
      if (secret?.$case === "boolValue" && secret.value) secrets.push(at);
      return value === undefined ? UNKNOWN : decodeValue(value, at, secrets);
    }
    case RESOURCE_REFERENCE: {
      // What refers to a resource of ours refers to it by its id.
      const id = struct.fields.get("id");
      return id === undefined ? UNKNOWN : decodeValue(id, at, secrets);
    }
    case ASSET:
    case ARCHIVE:
      throw new TypeError(`${at.join(".")}: an asset or archive cannot be a value here; pass its text`);
    default:
      throw new TypeError(`${at.join(".")}: a value of a kind that this version does not know (${marker})`);
  }
}
