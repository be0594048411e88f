import type { Path } from "../engine/problem.js";
import { UNKNOWN } from "../engine/value.js";
import { didYouMean } from "../nearest-name.js";
import { givenKeys, isJsonObject, type JsonObject, keyOf } from "./json-object.js";
import type { RuleSubject } from "./parsed-rule.js";
import { NAMED_SOURCES, PARAMETER_KEYS, RULE_SOURCES, type RuleSource, type RuleType } from "./rule.js";
import { RULE_LIMITS } from "./rule-limits.js";
import type { RuleReading } from "./rule-reading.js";

interface Place {
  readonly type: RuleType;
  readonly path: Path;
  readonly reading: RuleReading;
}

const SENDER: RuleSubject = { source: "ip", name: "", base64: false };

/** Reads `parameter`: what a match looks at. */
export function readSubject(parameter: unknown, place: Place): RuleSubject | undefined {
  const { type, path, reading } = place;
  if (parameter === UNKNOWN) return undefined;
  if (parameter === undefined && type === "ip-whitelist") return SENDER;
  const hint = 'write {"source": "header", "name": "X-Event"}, for example';
  if (parameter === undefined) return reading.problem(path, "is required", hint);
  if (!isJsonObject(parameter)) return reading.problem(path, "must be an object", hint);
  if (!rightKeys(parameter, place)) return undefined;
  const source = readSource(keyOf(parameter, "source"), place);
  if (source === undefined) return undefined;
  const name = readName(keyOf(parameter, "name"), source, place);
  if (name === undefined) return undefined;
  return { source, name, base64: keyOf(parameter, "base64decode") === true };
}

function rightKeys(parameter: JsonObject, { path, reading }: Place): boolean {
  const before = reading.problems.length;
  for (const key of givenKeys(parameter)) {
    const at = [...path, key.slice(0, 100)];
    const value = parameter[key];
    if (!PARAMETER_KEYS.some((each) => each === key)) {
      const hint = `its keys are ${PARAMETER_KEYS.join(", ")}`;
      reading.problem(at, `is no key of a parameter${didYouMean(key, PARAMETER_KEYS)}`, hint);
    } else if (key === "base64decode" && typeof value !== "boolean" && value !== UNKNOWN) {
      reading.problem(at, "must be true or false");
    } else if (key === "envname" && value !== UNKNOWN) {
      if (typeof value !== "string") reading.problem(at, "must be a text");
      else reading.text(value, at, { limit: RULE_LIMITS.nameLength, unit: "characters" });
    }
    if (reading.full) break;
  }
  return reading.problems.length === before && keyOf(parameter, "base64decode") !== UNKNOWN;
}

function readSource(source: unknown, { type, path, reading }: Place): RuleSource | undefined {
  const at = [...path, "source"];
  if (source === UNKNOWN) return undefined;
  if (type === "ip-whitelist") {
    if (source === undefined || source === "" || source === "ip") return "ip";
    return reading.problem(at, 'must be "ip" for the type "ip-whitelist"', "leave the parameter out");
  }
  const hint = `one of ${RULE_SOURCES.join(", ")}`;
  if (source === undefined || source === "") return reading.problem(at, "is required", hint);
  if (typeof source !== "string") return reading.problem(at, "must be a text", hint);
  const known = RULE_SOURCES.find((each) => each === source);
  if (known !== undefined) return known;
  return reading.problem(at, `is none that there is${didYouMean(source.slice(0, 100), RULE_SOURCES)}`, hint);
}

function readName(name: unknown, source: RuleSource, { path, reading }: Place): string | undefined {
  const at = [...path, "name"];
  if (name === UNKNOWN) return undefined;
  if (name !== undefined && typeof name !== "string") return reading.problem(at, "must be a text");
  const given = name ?? "";
  if (!NAMED_SOURCES.includes(source)) {
    if (given === "") return "";
    const hint = 'leave it out; what is inside the body has the source "payload"';
    return reading.problem(at, `means nothing to the source "${source}"`, hint);
  }
  if (given === "") return reading.problem(at, "is required", `name the ${NAMED[source] ?? source}`);
  return reading.text(given, at, { limit: RULE_LIMITS.nameLength, unit: "characters" });
}

const NAMED: Partial<Record<RuleSource, string>> = {
  header: "header field, for example X-GitHub-Event",
  payload: "place in the body, for example pull_request.labels.0.name",
  query: "query parameter, for example token",
};
