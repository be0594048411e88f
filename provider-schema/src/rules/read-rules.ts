import type { Path, Problem } from "../engine/problem.js";
import { UNKNOWN } from "../engine/value.js";
import { didYouMean } from "../nearest-name.js";
import { givenKeys, isJsonObject, type JsonObject, keyOf } from "./json-object.js";
import type { ParsedRule } from "./parsed-rule.js";
import { readMatch } from "./read-match.js";
import { MATCH_KEYS, RULE_KEYS } from "./rule.js";
import { RULE_LIMITS } from "./rule-limits.js";
import { RuleReading } from "./rule-reading.js";

export interface ReadRules {
  /** Undefined when there are none, when there are problems, or when something in them is not known yet. */
  readonly rule: ParsedRule | undefined;
  /** Instructions of all regular expressions together. */
  readonly instructions: number;
  /** Paths begin in the tree. */
  readonly problems: readonly Problem[];
}

const ONE_KEY = 'write one of "and", "or", "not" and "match", for example {"match": {...}}';

/** Reads a tree of rules as people wrote it, whatever it is. Null and {} are no rules. */
export function readRules(tree: unknown): ReadRules {
  const reading = new RuleReading();
  const none = tree === null || tree === undefined || (isJsonObject(tree) && givenKeys(tree).length === 0);
  const rule = none ? undefined : readNode(tree, [], reading);
  const { problems, instructions } = reading;
  return { rule: problems.length === 0 ? rule : undefined, instructions, problems };
}

function readNode(node: unknown, path: Path, reading: RuleReading): ParsedRule | undefined {
  if (node === UNKNOWN || reading.full) return undefined;
  reading.nodes += 1;
  if (reading.nodes > RULE_LIMITS.nodes) {
    if (reading.nodes > RULE_LIMITS.nodes + 1) return undefined;
    return reading.problem(path, `is one rule too many: at most ${RULE_LIMITS.nodes} are taken`, "write fewer");
  }
  if (!isJsonObject(node)) return reading.problem(path, "must be an object that holds one rule", ONE_KEY);
  const key = oneKey(node, path, reading);
  if (key === undefined) return undefined;
  const value = node[key];
  const at = [...path, key];
  if (key === "match") return readMatch(value, at, reading);
  if (at.filter((step) => typeof step === "string").length >= RULE_LIMITS.depth) {
    return reading.problem(at, `lies too deep: at most ${RULE_LIMITS.depth} rules one inside another are taken`);
  }
  if (value === UNKNOWN) return undefined;
  if (key === "not" && !Array.isArray(value)) {
    const rule = readNode(value, at, reading);
    return rule === undefined ? undefined : { kind: "none", path: at, rules: [rule] };
  }
  return readList(value, { key, at, reading });
}

const KINDS = { and: "all", or: "any", not: "none" } as const;

function readList(
  value: unknown,
  { key, at, reading }: { key: keyof typeof KINDS; at: Path; reading: RuleReading },
): ParsedRule | undefined {
  if (!Array.isArray(value)) return reading.problem(at, "must be a list of rules", "put the rule into [ ]");
  if (value.length === 0) return reading.problem(at, "must not be empty", "write a rule into it, or leave it out");
  const rules: ParsedRule[] = [];
  for (const [index, each] of value.entries()) {
    const rule = readNode(each, [...at, index], reading);
    if (rule !== undefined) rules.push(rule);
    if (reading.full || reading.nodes > RULE_LIMITS.nodes) break;
  }
  return rules.length === value.length ? { kind: KINDS[key], path: at, rules } : undefined;
}

/** The key of a node that has exactly one, and no other. */
function oneKey(node: JsonObject, path: Path, reading: RuleReading): (typeof RULE_KEYS)[number] | undefined {
  const given = givenKeys(node);
  const known = RULE_KEYS.filter((key) => keyOf(node, key) !== undefined);
  const unknown = given.filter((key) => !known.some((each) => each === key));
  for (const key of unknown) {
    const ofMatch = MATCH_KEYS.some((each) => each === key);
    const message = `is no key of a rule${ofMatch ? "" : didYouMean(key, RULE_KEYS)}`;
    reading.problem([...path, key.slice(0, 100)], message, ofMatch ? 'put it into "match"' : ONE_KEY);
    if (reading.full) break;
  }
  if (unknown.length > 0) return undefined;
  if (known.length === 0) return reading.problem(path, "is empty", ONE_KEY);
  if (known.length > 1) {
    const names = known.map((key) => `"${key}"`).join(" and ");
    return reading.problem(path, `has ${names} side by side`, 'write each as a rule of its own in an "and"');
  }
  return known[0];
}
