import { expect, it } from "vitest";
import { formatTime } from "./format-time.js";

const AT = new Date("2026-03-04T15:06:07.089Z");

it.each([
  [undefined, "2026-03-04T15:06:07Z"],
  ["Mon Jan 02 15:04:05 2006", "Wed Mar 04 15:06:07 2026"],
  ["Monday, 02-Jan-06 03:04:05 PM MST", "Wednesday, 04-Mar-26 03:06:07 PM UTC"],
  ["2006-01-02T15:04:05.000Z07:00", "2026-03-04T15:06:07.089Z"],
  ["January -0700 -07:00 .000000", "March +0000 +00:00 .089000"],
  ["no parts at all", "no parts at all"],
])("writes a time by the layout %s", (layout, expected) => {
  expect(formatTime(AT, layout)).toBe(expected);
});

it.each([
  ["rfc3339", 3_600, "2026-03-04T16:06:07+01:00"],
  ["rfc1123", 0, "Wed, 04 Mar 2026 15:06:07 GMT"],
  ["rfc1123", -12_600, "Wed, 04 Mar 2026 11:36:07 -0330"],
  ["date", 36_000, "2026-03-05"],
  ["15:04 MST", 19_800, "20:36 +05:30"],
])("writes a time as %s with clocks %i s ahead", (layout, offset, expected) => {
  expect(formatTime(AT, layout, offset)).toBe(expected);
});
