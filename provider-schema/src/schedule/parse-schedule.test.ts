import { expect, test } from "vitest";
import { CHECKS } from "../checks.js";
import { parseSchedule } from "./parse-schedule.js";

test.each([
  ["*/5 0-6,12 1 jan,MAR mon-fri", "*/5 0-6,12 1 jan,MAR mon-fri"],
  [" 0  0 1 1 *\t", "0 0 1 1 *"],
  ["0 0 L * *", "0 0 L * *"],
  ["0 0 29 2 *", "0 0 29 2 *"],
  ["0 0 31 2 1", "0 0 31 2 1"],
  ["@daily", "0 0 * * *"],
  ["@Weekly", "0 0 * * 0"],
])("takes the fields %j", (text, pattern) => {
  expect(parseSchedule(text)).toEqual({ kind: "fields", pattern });
});

test.each([
  ["@every 1s", 1],
  ["@every 10m", 600],
  ["@every 1h30m", 5_400],
  ["@every 31d", 2_678_400],
])("takes %j", (text, seconds) => {
  expect(parseSchedule(text)).toEqual({ kind: "every", seconds });
});

test.each([
  ["60 * * * *", 'has the minute "60", which is none (0-59)'],
  ["0 24 * * *", 'has the hour "24", which is none (0-23)'],
  ["0 0 0 * *", 'has the day of the month "0", which is none (1-31, or L for the last)'],
  ["0 0 * 13 *", 'has the month "13", which is none (1-12 or jan-dec)'],
  ["0 0 * * 8", 'has the day of the week "8", which is none (0-7 or sun-sat, 0 and 7 being Sunday)'],
  ["*/0 * * * *", 'has the minute "*/0"'],
  ["5-1 * * * *", 'has the minute "5-1"'],
  ["* * * * * *", "must have five fields (minute, hour, day of the month, month, day of the week), it has 6"],
  ["", "it has 0"],
  ["0 0 30 2 *", "names a day that no month of it has, so it would never run"],
  ["@noon", 'has the unknown word "@noon"; there are @yearly,'],
  ["@every", 'has the duration "" behind @every'],
  ["@every 1.5h", 'has the duration "1.5h" behind @every'],
  ["@every 10", 'has the duration "10" behind @every'],
  ["@every 0s", "has a duration behind @every that is not from 1s to 31d"],
  ["@every 32d", "not from 1s to 31d"],
])("refuses %j: %s", (text, problem) => {
  expect(CHECKS.schedule(text)).toContain(problem);
});

test.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])("takes the time zone %s", (name) => {
  expect(CHECKS.timezone(name)).toBeUndefined();
});

test.each(["", "Mars/Olympus", "+01:00", "Europe/Berlin\n"])("refuses the time zone %j", (name) => {
  expect(CHECKS.timezone(name)).toMatch(/IANA time zone|which is none/);
});

test("takes times with an offset, and paths of URLs, alone", () => {
  for (const moment of ["", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00.5+01:00"]) {
    expect(CHECKS.moment(moment)).toBeUndefined();
  }
  for (const moment of ["2026-12-01", "2026-12-01T00:00:00", "tomorrow", "2026-13-01T00:00:00Z"]) {
    expect(CHECKS.moment(moment)).toContain("RFC 3339");
  }
  for (const path of ["", "/", "/a/b?c=%20&d[]=1"]) expect(CHECKS.path(path)).toBeUndefined();
  for (const path of ["a", "/a b", "/a#b", "/ä", "/a\r\nX: y"]) expect(CHECKS.path(path)).toMatch(/must/);
});
