import { expect, test } from "vitest";
import { describeDuration } from "./describe-duration.js";

test.each([
  [0, "0 s"],
  [499, "0 s"],
  [59_900, "1 min"],
  [3_600_000, "1 h"],
  [3_660_000, "1 h 1 min"],
  [3_601_000, "1 h"],
  [90_061_000, "1 d 1 h"],
])("%d ms is %s", (ms, text) => {
  expect(describeDuration(ms)).toBe(text);
});
