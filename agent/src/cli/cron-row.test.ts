import { afterEach, beforeEach, expect, test } from "vitest";
import { localTime } from "./cron-row.js";

let before: string | undefined;

beforeEach(() => {
  before = process.env.TZ;
});
afterEach(() => {
  if (before === undefined) delete process.env.TZ;
  else process.env.TZ = before;
});

test.each([
  ["Europe/Berlin", "2026-07-01T12:00:00.000Z", "2026-07-01 14:00:00 +02:00"],
  ["America/New_York", "2026-12-01T02:30:05.000Z", "2026-11-30 21:30:05 -05:00"],
  ["Asia/Kathmandu", "2026-12-31T20:00:00.000Z", "2027-01-01 01:45:00 +05:45"],
  ["UTC", "2026-12-01T00:00:00.000Z", "2026-12-01 00:00:00 +00:00"],
])("in %s the next run at %s is shown as %s", (zone, text, expected) => {
  process.env.TZ = zone;
  expect(localTime(text)).toBe(expected);
});

test("no next run is a dash", () => {
  expect([localTime(null), localTime(""), localTime(undefined)]).toEqual(["-", "-", "-"]);
});
