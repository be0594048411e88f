import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTime } from "./parse-time.js";

it.each([
  ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
  ["2026-01-31 12:00:00.25+01:30", "2026-01-31T10:30:00.250Z"],
  ["2026-01-31T12:00", "2026-01-31T12:00:00.000Z"],
  ["2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ["0099-12-31T23:59:59Z", "0099-12-31T23:59:59.000Z"],
  ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
  ["Sat, 31 Jan 2026 12:00:00 GMT", "2026-01-31T12:00:00.000Z"],
  ["Sat, 31 Jan 2026 12:00:00 -0500", "2026-01-31T17:00:00.000Z"],
  ["1769860800", "2026-01-31T12:00:00.000Z"],
  ["1769860800.5", "2026-01-31T12:00:00.500Z"],
  ["-1", "1969-12-31T23:59:59.000Z"],
])("reads %s", (given, expected) => {
  expect(new Date(parseTime(given) ?? Number.NaN).toISOString()).toBe(expected);
});

it.each([
  "",
  "yesterday",
  "2026-02-30",
  "2026-13-01",
  "2026-01-00",
  "2026-01-31T24:00:00Z",
  "2026-01-31T12:60:00Z",
  "2026-01-31T12:00:00+24:00",
  "12026-01-31",
  "31 Foo 2026 12:00:00 GMT",
  "9999-12-31T23:59:59-01:00",
  "253402300800",
  "1e300",
  "NaN",
  "Infinity",
])("does not take %j for a time", (given) => {
  expect(parseTime(given)).toBeUndefined();
});

it("reads what dates write, in either form", () => {
  const instants = fc.date({
    min: new Date("0000-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, (at) => {
      expect(parseTime(at.toISOString())).toBe(at.getTime());
      expect(parseTime(at.toUTCString())).toBe(Math.floor(at.getTime() / 1000) * 1000);
    }),
  );
});
