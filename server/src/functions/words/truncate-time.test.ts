import { expect, it } from "vitest";
import { truncateTime } from "./truncate-time.js";

it.each([
  ["second", "2026-03-04T15:06:07.000Z"],
  ["minute", "2026-03-04T15:06:00.000Z"],
  ["hour", "2026-03-04T15:00:00.000Z"],
  ["day", "2026-03-04T00:00:00.000Z"],
  ["week", "2026-03-02T00:00:00.000Z"],
  ["month", "2026-03-01T00:00:00.000Z"],
  ["year", "2026-01-01T00:00:00.000Z"],
] as const)("gives the beginning of the %s", (unit, expected) => {
  expect(new Date(truncateTime(Date.parse("2026-03-04T15:06:07.089Z"), unit)).toISOString()).toBe(expected);
});

it("goes back before 1970, too", () => {
  const at = Date.parse("1969-12-31T23:59:59.999Z");
  expect(new Date(truncateTime(at, "week")).toISOString()).toBe("1969-12-29T00:00:00.000Z");
  expect(new Date(truncateTime(at, "day")).toISOString()).toBe("1969-12-31T00:00:00.000Z");
});
