import type { Path } from "../engine/problem.js";
import { UNKNOWN } from "../engine/value.js";
import { didYouMean } from "../nearest-name.js";
import { givenKeys, isJsonObject, type JsonObject, keyOf } from "./json-object.js";
import type { ParsedRule } from "./parsed-rule.js";
import { readSubject } from "./read-subject.js";
import { readTest } from "./read-test.js";
import { MATCH_KEYS, RULE_TYPES, type RuleType } from "./rule.js";
import type { RuleReading } from "./rule-reading.js";

/** Which keys say what a type tests; beside `type` and `parameter` the others mean nothing to it. */
const KEYS_OF: Readonly<Record<RuleType, readonly string[]>> = {
  value: ["value"],
  contains: ["value", "substring"],
  "does-not-contain": ["value", "substring"],
  substring: ["value", "substring"],
  regex: ["regex"],
  "payload-hash-sha1": ["secret"],
  "payload-hash-sha256": ["secret"],
  "payload-hash-sha512": ["secret"],
  "ip-whitelist": ["ip-range"],
};

/** Reads what stands under `match`. */
export function readMatch(match: unknown, path: Path, reading: RuleReading): ParsedRule | undefined {
  if (match === UNKNOWN) return undefined;
  if (!isJsonObject(match)) {
    return reading.problem(path, "must be an object", 'write {"type": ..., "parameter": ..., "value": ...}');
  }
  const known = knownKeys(match, path, reading);
  const type = readType(match, path, reading);
  if (type === undefined || !known) return undefined;
  for (const key of givenKeys(match)) {
    // Clients of the classic API write texts that are not set as "".
    if (key === "type" || key === "parameter" || match[key] === "" || KEYS_OF[type].includes(key)) continue;
    reading.problem([...path, key], `means nothing to the type "${type}"`, "leave it out, or choose another type");
  }
  const subject = readSubject(keyOf(match, "parameter"), { type, path: [...path, "parameter"], reading });
  const test = readTest(match, { type, path, reading });
  return subject === undefined || test === undefined ? undefined : { kind: "match", path, subject, test };
}

function knownKeys(match: JsonObject, path: Path, reading: RuleReading): boolean {
  const unknown = givenKeys(match).filter((key) => !MATCH_KEYS.some((each) => each === key));
  for (const key of unknown) {
    const hint = `its keys are ${MATCH_KEYS.join(", ")}`;
    reading.problem([...path, key.slice(0, 100)], `is no key of a match${didYouMean(key, MATCH_KEYS)}`, hint);
    if (reading.full) break;
  }
  return unknown.length === 0;
}

function readType(match: JsonObject, path: Path, reading: RuleReading): RuleType | undefined {
  const at = [...path, "type"];
  const type = keyOf(match, "type");
  if (type === UNKNOWN) return undefined;
  const hint = `one of ${RULE_TYPES.join(", ")}`;
  if (type === undefined) return reading.problem(at, "is required", hint);
  if (typeof type !== "string") return reading.problem(at, "must be a text", hint);
  const known = RULE_TYPES.find((each) => each === type);
  if (known !== undefined) return known;
  return reading.problem(at, `is none that there is${didYouMean(type.slice(0, 100), RULE_TYPES)}`, hint);
}
