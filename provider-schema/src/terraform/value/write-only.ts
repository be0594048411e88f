import { secretOfWriteOnly, writeOnlyName, writeOnlyVersionName } from "../../derive/terraform-attributes.js";
import type { Path } from "../../engine/problem.js";
import { sameValue } from "../../engine/same-value.js";
import { isValues, type Value, type Values } from "../../engine/value.js";
import type { Attributes } from "../../model.js";

/** Where a secret stands that people give. */
interface GivenSecret {
  /** Way to the object that it is in. */
  readonly at: Path;
  readonly name: string;
}

/** All given secrets of a resource. */
export function givenSecrets(attributes: Attributes, at: Path = []): GivenSecret[] {
  return Object.entries(attributes).flatMap(([name, { kind, secret }]) => [
    ...(secret === "given" && secretOfWriteOnly(attributes, name) === undefined ? [{ at, name }] : []),
    ...(kind.type === "object" ? givenSecrets(kind.attributes, [...at, name]) : []),
  ]);
}

/** The values without those of write-only attributes: as plan and state have them. */
export function withoutWriteOnly(attributes: Attributes, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, Value] => {
      const kind = attributes[name]?.kind;
      if (kind?.type === "object" && isValues(value)) return [name, withoutWriteOnly(kind.attributes, value)];
      return [name, secretOfWriteOnly(attributes, name) === undefined ? value : null];
    }),
  );
}

/** What is planned, each secret that the configuration gives write-only in the place of the stored one: as it is sent. */
export function withSecrets(attributes: Attributes, planned: Values, config: Values): Values {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]): [string, Value] => {
      const attribute = attributes[name];
      const written = config[name];
      if (attribute?.kind.type === "object" && isValues(value) && isValues(written)) {
        return [name, withSecrets(attribute.kind.attributes, value, written)];
      }
      return [name, attribute?.secret === "given" ? (config[writeOnlyName(name)] ?? value) : value];
    }),
  );
}

/** A state without secrets that were only sent: those that plan has, and no others. */
export function withPlannedSecrets(attributes: Attributes, state: Values, planned: Values): Values {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]): [string, Value] => {
      const attribute = attributes[name];
      const before = planned[name];
      if (attribute?.kind.type === "object" && isValues(value)) {
        return [name, withPlannedSecrets(attribute.kind.attributes, value, isValues(before) ? before : {})];
      }
      return [name, attribute?.secret === "given" ? (before ?? null) : value];
    }),
  );
}

/**
 * Whether a secret, by its dotted path, is to be sent: it or its version changed, or something else in the object that it
 * belongs to, so that another way to log in comes with its secret.
 */
export function sendsSecret(attributes: Attributes, prior: Values, planned: Values): (path: string) => boolean {
  const sent = givenSecrets(attributes)
    .filter(({ at, name }) => {
      const before = valueAt(prior, at);
      const after = valueAt(planned, at);
      const kind = { type: "object" as const, attributes: attributesAt(attributes, at) };
      if (at.length > 0) return !sameValue(kind, before, after);
      const own = attributes[name]?.kind ?? { type: "string" };
      const version = writeOnlyVersionName(name);
      return (
        !sameValue(own, valueAt(prior, [name]), valueAt(planned, [name])) ||
        valueAt(prior, [version]) !== valueAt(planned, [version])
      );
    })
    .map(({ at, name }) => [...at, name].join("."));
  return (path) => sent.includes(path);
}

/** The value at the end of a way; null where there is none. */
export function valueAt(values: Values, path: Path): Value {
  return path.reduce<Value>((value, step) => (isValues(value) ? (value[step] ?? null) : null), values);
}

/** The attributes of the object at the end of a way. */
export function attributesAt(attributes: Attributes, path: Path): Attributes {
  return path.reduce<Attributes>((within, step) => {
    const kind = within[step]?.kind;
    return kind?.type === "object" ? kind.attributes : {};
  }, attributes);
}
