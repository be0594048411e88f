import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../engine/value.js";
import { manifestPath } from "../manifest/manifest-path.js";
import { ruleProblems } from "./rule-problems.js";

const EVENT = { source: "header", name: "X-Event" };

function lines(tree: unknown): string[] {
  return ruleProblems(tree).map(({ path, message, hint }) => {
    const told = hint === undefined ? message : `${message}; ${hint}`;
    return `${manifestPath(["rules", ...path])}: ${told}`;
  });
}

function match(rest: object): object {
  return { match: { parameter: EVENT, ...rest } };
}

describe("what is right", () => {
  test.each([
    ["no rules", null],
    ["no rules, as classic clients write it", {}],
    ["a value", match({ type: "value", value: "push" })],
    ["an empty value", match({ type: "value", value: "" })],
    ["one text in two spellings", match({ type: "contains", value: "a", substring: "a" })],
    ["empty texts of classic clients", match({ type: "value", value: "a", regex: "", secret: "", "ip-range": "" })],
    ["nulls of classic clients", { and: null, or: null, ...match({ type: "value", value: "a", regex: null }) }],
    ["one rule under not", { not: match({ type: "regex", regex: "^a" }) }],
    ["a list under not", { not: [match({ type: "regex", regex: "^a" })] }],
    ["addresses without a parameter", { match: { type: "ip-whitelist", "ip-range": "10.0.0.0/8, ::1" } }],
    ["the whole body", { match: { type: "substring", parameter: { source: "body" }, substring: "a" } }],
    ["what is not known yet", { and: [match({ type: "payload-hash-sha256", secret: UNKNOWN }), UNKNOWN] }],
  ])("%s", (_, tree) => expect(lines(tree)).toEqual([]));
});

describe("what is wrong is named by its place", () => {
  test.each([
    ["push", "rules: must be an object that holds one rule"],
    [{ an: [] }, "rules.an: is no key of a rule. Did you mean and?"],
    [{ type: "value" }, 'rules.type: is no key of a rule; put it into "match"'],
    [{ and: [], or: [] }, 'rules: has "and" and "or" side by side'],
    [{ and: [] }, "rules.and: must not be empty"],
    [{ and: match({ type: "value", value: "a" }) }, "rules.and: must be a list of rules; put the rule into [ ]"],
    [{ and: [{}] }, "rules.and[0]: is empty"],
    [{ not: [{ match: [] }] }, "rules.not[0].match: must be an object"],
    [match({ type: "valu", value: "a" }), "rules.match.type: is none that there is. Did you mean value?"],
    [match({ type: "value" }), 'rules.match.value: is required by the type "value"'],
    [match({ type: "value", value: 7 }), "rules.match.value: must be a text; put it into quotes"],
    [match({ type: "value", value: "a", regex: "b" }), 'rules.match.regex: means nothing to the type "value"'],
    [match({ type: "contains" }), 'rules.match.value: is required by the type "contains"'],
    [match({ type: "contains", value: "a", substring: "b" }), "rules.match.substring: is not the same text as value"],
    [match({ type: "value", valeu: "a" }), "rules.match.valeu: is no key of a match. Did you mean value?"],
    [match({ type: "payload-hash-sha256" }), 'rules.match.secret: is required by the type "payload-hash-sha256"'],
    [match({ type: "regex", regex: "(a" }), "rules.match.regex: is no regular expression: missing closing )"],
    [match({ type: "regex", regex: "(?<=a)b" }), "look-around and back references do not exist there"],
    [match({ type: "regex", regex: "\\pL{1000}" }), "rules.match.regex: is too large"],
    [match({ type: "regex", regex: "a".repeat(1025) }), "rules.match.regex: must have at most 1024 characters"],
    [match({ type: "value", value: "é".repeat(2049) }), "rules.match.value: must have at most 4096 bytes, it has 4098"],
    [match({ type: "value", value: "a\0" }), "rules.match.value: must not contain a NUL character"],
    [match({ type: "value", value: "\ud800" }), "rules.match.value: must not contain half a surrogate pair"],
    [{ match: { type: "value", value: "a" } }, "rules.match.parameter: is required"],
    [
      { match: { type: "value", value: "a", parameter: { source: "heder", name: "a" } } },
      "rules.match.parameter.source: is none that there is. Did you mean header?",
    ],
    [
      { match: { type: "value", value: "a", parameter: { source: "header" } } },
      "rules.match.parameter.name: is required",
    ],
    [
      { match: { type: "value", value: "a", parameter: { source: "body", name: "action" } } },
      'rules.match.parameter.name: means nothing to the source "body"',
    ],
    [
      { match: { type: "value", value: "a", parameter: { source: "header", name: "a", base64: true } } },
      "rules.match.parameter.base64: is no key of a parameter. Did you mean base64decode?",
    ],
    [{ match: { type: "ip-whitelist", "ip-range": "10.0.0.0/33" } }, 'rules.match.ip-range: has "10.0.0.0/33"'],
    [{ match: { type: "ip-whitelist", "ip-range": "" } }, "rules.match.ip-range: is required"],
    [
      { and: [match({ type: "value", value: "a" }), { or: [match({ type: "regex", regex: "a**" })] }] },
      "rules.and[1].or[0].match.regex: is no regular expression",
    ],
  ])("wrong tree %#", (tree, expected) => expect(lines(tree).join("\n")).toContain(expected));
});

test("every problem is told, in the order of the tree", () => {
  const tree = { and: [match({ type: "value" }), { nott: 1 }, match({ type: "regex", regex: "(" })] };
  expect(ruleProblems(tree).map(({ path }) => manifestPath(path))).toEqual([
    "and[0].match.value",
    "and[1].nott",
    "and[2].match.regex",
  ]);
});

test("threat: a tree without end costs little and is refused by its place", () => {
  let deep: unknown = match({ type: "value", value: "a" });
  for (let i = 0; i < 100_000; i += 1) deep = { not: deep };
  expect(lines(deep)).toEqual([expect.stringContaining("lies too deep: at most 16 rules one inside another")]);

  const wide = { or: Array.from({ length: 100_000 }, () => match({ type: "value", value: "a" })) };
  expect(lines(wide)).toEqual([expect.stringContaining("rules.or[199]: is one rule too many")]);

  const long = { or: Array.from({ length: 20 }, () => match({ type: "value", value: "a".repeat(4000) })) };
  expect(lines(long)).toEqual([expect.stringContaining("the texts of the rules pass 65536 bytes")]);

  const patterns = { or: Array.from({ length: 50 }, () => match({ type: "regex", regex: "a{900}" })) };
  expect(lines(patterns)).toEqual([expect.stringContaining("rules.or[1].match.regex: is too large")]);

  const hash = match({ type: "payload-hash-sha1", secret: "s" });
  expect(lines({ or: Array.from({ length: 50 }, () => hash) })).toEqual([
    expect.stringContaining("rules.or[8].match: is one hash too many"),
  ]);
});

test("keys of every object's prototype are keys as any other", () => {
  const tree = JSON.parse('{"__proto__": {"match": {}}}');
  expect(lines(tree)).toEqual([expect.stringContaining("rules.__proto__: is no key of a rule")]);
  expect(lines({ match: { type: "constructor", parameter: EVENT } }).join()).toContain("rules.match.type");
});

test("no problem repeats a secret", () => {
  const tree = match({ type: "payload-hash-sha256", secret: "hunter2hunter2", value: "hunter2hunter2" });
  expect(lines(tree).join()).not.toContain("hunter2");
});

/** JSON that is made of the words of the grammar more often than not. */
const almostRules = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom("value", "regex", "contains", "payload-hash-sha1", "ip-whitelist", "header", "body", "(a+)+$", "("),
    fc.jsonValue(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        "and",
        "or",
        "not",
        "match",
        "type",
        "parameter",
        "source",
        "name",
        "value",
        "regex",
        "__proto__",
      ),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
}));

test("threat: whatever JSON is given as rules, it is right or its problems lie in it", () => {
  fc.assert(
    fc.property(almostRules.value, (tree) => {
      for (const { path, message } of ruleProblems(tree)) {
        expect(message).not.toBe("");
        // All steps but the last are there: that one may be what is missing.
        let at: unknown = tree;
        for (const step of path.slice(0, -1)) {
          expect(typeof at === "object" && at !== null && Object.hasOwn(at, step)).toBe(true);
          at = (at as Record<string | number, unknown>)[step];
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
