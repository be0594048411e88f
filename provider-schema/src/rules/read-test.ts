import type { Path } from "../engine/problem.js";
import { UNKNOWN } from "../engine/value.js";
import { addressRanges, rangeEntries } from "./address-ranges.js";
import { compilePattern } from "./compile-pattern.js";
import { type JsonObject, keyOf } from "./json-object.js";
import type { RuleTest } from "./parsed-rule.js";
import type { RuleType } from "./rule.js";
import { RULE_LIMITS } from "./rule-limits.js";
import type { RuleReading } from "./rule-reading.js";

interface Place {
  readonly type: RuleType;
  /** Of the match. */
  readonly path: Path;
  readonly reading: RuleReading;
}

const LITERAL = { limit: RULE_LIMITS.literalBytes, unit: "bytes" } as const;

/** Reads what a match compares with. */
export function readTest(match: JsonObject, place: Place): RuleTest | undefined {
  switch (place.type) {
    case "value": {
      const text = readText(match, "value", place);
      return text === undefined ? undefined : { kind: "equals", text };
    }
    case "contains":
    case "substring":
    case "does-not-contain": {
      const text = readSubstring(match, place);
      if (text === undefined) return undefined;
      return { kind: place.type === "does-not-contain" ? "lacks" : "contains", text };
    }
    case "regex":
      return readRegex(match, place);
    case "ip-whitelist":
      return readRanges(match, place);
    default:
      return readHash(match, place);
  }
}

/** A text that is given; it may be empty. */
function readText(match: JsonObject, key: string, { type, path, reading }: Place): string | undefined {
  const value = keyOf(match, key);
  const at = [...path, key];
  if (value === UNKNOWN) return undefined;
  if (value === undefined) return reading.problem(at, `is required by the type "${type}"`);
  if (typeof value !== "string") {
    const plain = typeof value === "number" || typeof value === "boolean";
    return reading.problem(at, "must be a text", plain ? "put it into quotes" : undefined);
  }
  return reading.text(value, at, LITERAL);
}

/** Clients write it as `value` or as `substring`. */
function readSubstring(match: JsonObject, place: Place): string | undefined {
  const { path, reading } = place;
  const given = ["value", "substring"].filter((key) => (keyOf(match, key) ?? "") !== "");
  const [key, other] = given;
  if (key === undefined) {
    return reading.problem([...path, "value"], `is required by the type "${place.type}"`, "write the text to look for");
  }
  const text = readText(match, key, place);
  if (other === undefined || keyOf(match, other) === UNKNOWN || keyOf(match, other) === text) return text;
  return reading.problem([...path, other], "is not the same text as value", "leave one of them out");
}

function readRegex(match: JsonObject, place: Place): RuleTest | undefined {
  const { path, reading } = place;
  const at = [...path, "regex"];
  const regex = keyOf(match, "regex");
  if (regex === UNKNOWN) return undefined;
  if (regex === undefined || regex === "") return reading.problem(at, 'is required by the type "regex"');
  if (typeof regex !== "string") return reading.problem(at, "must be a text");
  const text = reading.text(regex, at, { limit: RULE_LIMITS.regexLength, unit: "characters" });
  // Compiling takes time: not after the limit was passed.
  if (text === undefined || reading.instructions > RULE_LIMITS.regexInstructions) return undefined;
  const pattern = compilePattern(text);
  if (pattern.kind === "problem") return reading.problem(at, pattern.message, pattern.hint);
  reading.instructions += pattern.size;
  if (reading.instructions > RULE_LIMITS.regexInstructions) {
    const message = `is too large: the regular expressions of the rules compile to ${reading.instructions} instructions`;
    return reading.problem(at, message, `at most ${RULE_LIMITS.regexInstructions} are taken: repeat less`);
  }
  return { kind: "pattern", pattern };
}

function readHash(match: JsonObject, place: Place): RuleTest | undefined {
  const { type, path, reading } = place;
  const at = [...path, "secret"];
  const secret = keyOf(match, "secret");
  if (secret === UNKNOWN) return undefined;
  if (secret === "") return reading.problem(at, "must not be empty", "write the secret that the sender signs with");
  const text = readText(match, "secret", place);
  reading.hashes += 1;
  if (reading.hashes === RULE_LIMITS.hashes + 1) {
    return reading.problem(path, `is one hash too many: at most ${RULE_LIMITS.hashes} are taken`);
  }
  if (text === undefined) return undefined;
  const algorithm = type === "payload-hash-sha1" ? "sha1" : type === "payload-hash-sha256" ? "sha256" : "sha512";
  return { kind: "hmac", algorithm, secret: text };
}

function readRanges(match: JsonObject, place: Place): RuleTest | undefined {
  const { path, reading } = place;
  const at = [...path, "ip-range"];
  const hint = "write networks or addresses, for example 192.30.252.0/22 2606:50c0::/32";
  if ((keyOf(match, "ip-range") ?? "") === "") {
    return reading.problem(at, 'is required by the type "ip-whitelist"', hint);
  }
  const text = readText(match, "ip-range", place);
  if (text === undefined) return undefined;
  const count = rangeEntries(text).length;
  if (count > RULE_LIMITS.ranges) {
    return reading.problem(at, `must have at most ${RULE_LIMITS.ranges} networks, it has ${count}`);
  }
  const ranges = addressRanges(text);
  if (!("wrong" in ranges)) return { kind: "within", ranges };
  const shown = JSON.stringify(ranges.wrong.slice(0, 60));
  return reading.problem(at, `has ${shown}, which is no network and no address`, hint);
}
