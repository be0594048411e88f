import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGoDuration } from "./go-duration.js";

test.each([
  ["24h", 86_400_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["+2m", 120_000],
  ["300ms", 300],
  ["1500us", 1.5],
  ["1500µs", 1.5],
  ["0", 0],
  ["0s", 0],
])("%s is %d ms", (text, ms) => {
  expect(parseGoDuration(text)).toBeCloseTo(ms, 6);
});

test.each(["", "+", "24", "1d", "h", "1h 30m", "-1h", "1e3s", "1hx", "٣s", ".s", `${"9".repeat(400)}h`])(
  "%j is none",
  (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  },
);

test("terms add up, whatever their order", () => {
  const term = fc.tuple(
    fc.nat(10_000),
    fc.constantFrom(["ms", 1], ["s", 1_000], ["m", 60_000], ["h", 3_600_000] as const),
  );
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), (terms) => {
      const text = terms.map(([count, [unit]]) => `${count}${unit}`).join("");
      const sum = terms.reduce((total, [count, [, ms]]) => total + count * Number(ms), 0);
      expect(parseGoDuration(text)).toBe(sum);
    }),
  );
});
