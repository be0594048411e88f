import { expect, test } from "vitest";
import { compilePattern, type Pattern } from "./compile-pattern.js";

function pattern(regex: string): Pattern {
  const compiled = compilePattern(regex);
  if (compiled.kind === "problem") throw new Error(compiled.message);
  return compiled;
}

test("threat: patterns that explode elsewhere take a few steps for each character", () => {
  // A backtracking engine takes 2^1000000 steps for each of these: that they end is the proof.
  const text = `${"a".repeat(1_000_000)}!`;
  for (const regex of ["(a+)+$", "(a|aa)+$", "(a?a?)+b", "(.*a){12}$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a*)*b"]) {
    expect(pattern(regex).test(text)).toBe(false);
    expect(pattern(regex).size).toBeLessThan(200);
  }
});

test("finds what RE2 finds, anywhere in the text", () => {
  expect(pattern("main").test("refs/heads/main")).toBe(true);
  expect(pattern("^main").test("refs/heads/main")).toBe(false);
  expect(pattern("(?i)^REFS/.*/M").test("refs/heads/main")).toBe(true);
  expect(pattern("^\\pL+$").test("Zoë")).toBe(true);
  expect(pattern("^.$").test("\u{1f600}")).toBe(true);
});

test("a pattern stays right when its automaton was emptied between texts", () => {
  const { test: found } = pattern("(a|b)*a(a|b){12}c");
  let seed = 7;
  for (let round = 0; round < 20; round += 1) {
    let text = "";
    for (let at = 0; at < 2_000; at += 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      text += seed % 65_536 < 32_768 ? "a" : "b";
    }
    expect(found(`${text}a${"b".repeat(12)}c`)).toBe(true);
    expect(found(`c${text}`)).toBe(false);
  }
});

test.each([
  ["(", "missing closing )"],
  ["a**", "invalid nested repetition operator"],
  ["(?=a)", "invalid"],
  ["(a)\\1", "invalid escape sequence"],
  ["a{1001}", "invalid repeat count"],
])("says why %s does not compile", (regex, why) => {
  expect(compilePattern(regex)).toMatchObject({ kind: "problem", message: expect.stringContaining(why) });
});
