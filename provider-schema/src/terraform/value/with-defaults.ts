import { isValues, type Value, type Values } from "../../engine/value.js";
import type { Attributes } from "../../model.js";

/** The state, the default in the place of what it lacks. */
export function withDefaults(attributes: Attributes, state: Values): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { kind, presence }]): [string, Value] => {
      const value = state[name] ?? (typeof presence === "object" ? (presence.default as Value) : null);
      return [name, kind.type === "object" && isValues(value) ? withDefaults(kind.attributes, value) : value];
    }),
  );
}
