import type { Path } from "../engine/problem.js";
import { isValues, type Value, type Values } from "../engine/value.js";
import type { Attributes, Resource } from "../model.js";
import { attributeValues } from "./attribute-values.js";
import { propertyValues } from "./property-values.js";
import { secretProperties, wholeAttributes } from "./secret-properties.js";
import { encodeProperties } from "./wire/encode-properties.js";
import type { Struct } from "./wire/generated/pulumi_provider.js";

/** Property of inputs: their name was made by us, and another would be made for another object. */
export const AUTONAMED = "__autonamed";

/** Inputs as the engine keeps them: what is secret by definition or was made so stays secret. */
export function encodeInputs(
  { attributes }: Resource,
  values: Values,
  { secrets, autonamed }: { secrets: readonly Path[]; autonamed: boolean },
): Struct {
  return encodeProperties({
    values: {
      ...propertyValues(attributes, values, ({ presence }) => presence !== "computed"),
      ...(autonamed ? { [AUTONAMED]: true } : {}),
    },
    secrets: [...secretProperties(attributes), ...wholeAttributes(attributes, secrets)],
  });
}

/**
 * State as the engine keeps it: without the secrets that people gave, which are in the inputs alone. What was secret as
 * an input is secret here.
 */
export function encodeState({ attributes }: Resource, state: Values, secrets: readonly Path[]): Struct {
  return encodeProperties({
    values: propertyValues(attributes, state, ({ secret }) => secret !== "given"),
    secrets: [...secretProperties(attributes), ...wholeAttributes(attributes, secrets)],
  });
}

/** The state of an object from what the engine keeps of it: its properties, and the given secrets of its inputs. */
export function priorState({ attributes }: Resource, properties: Values, inputs: Values): Values {
  const state = attributeValues(attributes, properties).values;
  const given = attributeValues(attributes, inputs).values;
  return withGiven(attributes, state, given);
}

/** `state` with the given secrets of `inputs`. */
export function withGiven(attributes: Attributes, state: Values, inputs: Values): Values {
  const added = Object.entries(attributes).flatMap(([name, { secret, kind }]): [string, Value][] => {
    const own = inputs[name] ?? null;
    const nested = state[name];
    if (secret === "given") return [[name, own]];
    return kind.type === "object" && isValues(own) && isValues(nested)
      ? [[name, withGiven(kind.attributes, nested, own)]]
      : [];
  });
  return { ...state, ...Object.fromEntries(added) };
}
