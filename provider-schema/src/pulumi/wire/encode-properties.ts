import { type Value as AttributeValue, isValues, UNKNOWN, type Values } from "../../engine/value.js";
import type { Struct, Value } from "./generated/pulumi_provider.js";
import { SECRET, SIGNATURE, UNKNOWN_STRING } from "./markers.js";
import type { Properties } from "./properties.js";

/** What is secret at a place and below it. */
interface Secrets {
  here: boolean;
  readonly below: Map<string | number, Secrets>;
}

/** Properties as the engine takes them. A way to a secret that leads nowhere makes nothing secret. */
export function encodeProperties({ values, secrets }: Properties): Struct {
  const root = newSecrets();
  for (const path of secrets) {
    let at = root;
    for (const step of path) {
      const next = at.below.get(step) ?? newSecrets();
      at.below.set(step, next);
      at = next;
    }
    at.here = true;
  }
  return encodeFields(values, root);
}

function newSecrets(): Secrets {
  return { here: false, below: new Map() };
}

function encodeFields(values: Values, secrets: Secrets | undefined): Struct {
  const fields = Object.entries(values).map(([name, value]): [string, Value] => [
    name,
    encodeValue(value, secrets?.below.get(name)),
  ]);
  return { fields: new Map(fields) };
}

function encodeValue(value: AttributeValue, secrets: Secrets | undefined): Value {
  const plain = encodePlain(value, secrets);
  if (secrets?.here !== true) return plain;
  const fields = new Map([
    [SIGNATURE, text(SECRET)],
    ["value", plain],
  ]);
  return { kind: { $case: "structValue", value: { fields } } };
}

function encodePlain(value: AttributeValue, secrets: Secrets | undefined): Value {
  if (value === UNKNOWN) return text(UNKNOWN_STRING);
  if (value === null) return { kind: { $case: "nullValue", value: 0 } };
  if (isValues(value)) return { kind: { $case: "structValue", value: encodeFields(value, secrets) } };
  switch (typeof value) {
    case "boolean":
      return { kind: { $case: "boolValue", value } };
    case "number":
      return { kind: { $case: "numberValue", value } };
    case "string":
      return text(value);
    default: {
      const values = (value as readonly AttributeValue[]).map((each, i) => encodeValue(each, secrets?.below.get(i)));
      return { kind: { $case: "listValue", value: { values } } };
    }
  }
}

function text(value: string): Value {
  return { kind: { $case: "stringValue", value } };
}
