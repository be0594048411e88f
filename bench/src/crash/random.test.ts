import { expect, test } from "vitest";
import { seededRandom } from "./random.js";

test("the same seed gives the same numbers, another one others", () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.integer(1, 1_000));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 1 && value <= 1_000)).toBe(true);
});

test("a shuffle keeps every item", () => {
  expect(seededRandom(3).shuffle([1, 2, 3, 4, 5]).toSorted()).toEqual([1, 2, 3, 4, 5]);
});
