import fc from "fast-check";
import { expect, test } from "vitest";
import { lineDifference } from "./line-difference.js";

test("shows what was taken out before what came instead", () => {
  const lines = lineDifference(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"]);
  expect(lines.map(({ sign, text }) => `${sign}${text}`)).toEqual([" a", "-b", "+x", " c", " d", "+e"]);
});

test("both texts can be read from it, however they differ", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDifference(before, after);
      expect(lines.filter(({ sign }) => sign !== "+").map((line) => line.text)).toEqual(before);
      expect(lines.filter(({ sign }) => sign !== "-").map((line) => line.text)).toEqual(after);
    }),
  );
});

test("threat: two long texts without a common line do not take minutes", () => {
  const lines = (word: string) => Array.from({ length: 30_000 }, (_, n) => `${word}${n}`);
  expect(lineDifference(lines("a"), lines("b"))).toHaveLength(60_000);
});
