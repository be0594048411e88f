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
    const fields = Object.entries(input).filter(([name]) => name in live);
    return Object.fromEntries(fields.map(([name, each]) => [name, project(each, live[name])]));
  }
  if (Array.isArray(input) && Array.isArray(live) && input.length === live.length) {
    return live.map((each, i) => project(input[i], each));
  }
  return live ?? null;
}

/** Texts of a Secret are only written: they are read as bytes. */
function textsOfSecret({ kind, stringData }: Values, { data }: Values): Values {
  if (kind !== "Secret" || !isValues(stringData) || !isValues(data)) return {};
  const texts = Object.keys(stringData).map((name): [string, Value] => {
    return [name, Buffer.from(String(data[name] ?? ""), "base64").toString("utf8")];
  });
  return { stringData: Object.fromEntries(texts) };
}
