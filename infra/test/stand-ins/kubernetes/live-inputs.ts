import { isValues, type Value, type Values } from "../../../../provider-schema/src/engine/value.js";

/**
 * What inputs are in the live object: the same fields, with the values that they have there. What the server added, or
 * others own, is no input.
 */
export function liveInputs(inputs: Values, live: Values): Values {
  const found = project(inputs, live) as Values;
  return { ...found, ...textsOfSecret(inputs, live) };
}

function project(input: Value | undefined, live: Value | undefined): Value {
  if (isValues(input) && isValues(live)) {
    const fields = Object.entries(input).filter(([name, each]) => name in live || isEmpty(each));
    return Object.fromEntries(fields.map(([name, each]) => [name, name in live ? project(each, live[name]) : each]));
  }
  if (Array.isArray(input) && Array.isArray(live) && input.length === live.length) {
    return live.map((each, i) => project(input[i], each));
  }
  return live ?? null;
}

/** The server drops what is empty, and it means the same. */
function isEmpty(value: Value): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === "" || (isValues(value) && Object.keys(value).length === 0);
}

/** Texts of a Secret are only written: they are read as bytes. */
function textsOfSecret({ kind, stringData }: Values, { data }: Values): Values {
  if (kind !== "Secret" || !isValues(stringData) || !isValues(data)) return {};
  const texts = Object.keys(stringData).map((name): [string, Value] => {
    return [name, Buffer.from(String(data[name] ?? ""), "base64").toString("utf8")];
  });
  return { stringData: Object.fromEntries(texts) };
}
