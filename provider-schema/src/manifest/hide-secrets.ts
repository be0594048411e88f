import type { Json, Kind } from "../model.js";
import { isValues } from "./values.js";

const HIDDEN = "(hidden)";

/** A value as plans, the audit and kept manifests have it: what its kind hides is told to be there, and no more. */
export function hideSecrets(kind: Kind, value: Json): Json {
  if (kind.type !== "json" || kind.hides === undefined) return value;
  return hidden(kind.hides, value);
}

function hidden(names: readonly string[], value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => hidden(names, each));
  if (!isValues(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      typeof each === "string" && each !== "" && names.includes(name) ? HIDDEN : hidden(names, each),
    ]),
  );
}
