import { durationMs } from "@relay/provider-schema/duration-ms";
import { GuestMistake } from "../guest-mistake.js";
import { type GuestValue, text } from "../guest-value.js";
import { formatTime } from "./format-time.js";
import { isWithinYears, parseTime } from "./parse-time.js";
import { TIME_UNITS, truncateTime } from "./truncate-time.js";
import type { Word } from "./word.js";
import { zoneOffset } from "./zone-offset.js";

/** Longest text of a time, layout, zone or duration, in characters. */
const MAX_LENGTH = 100;

/** The clock. Times are seconds since 1970, with milliseconds behind the point; where one is taken, its text does as well. */
export const TIME_WORDS: Readonly<Record<string, Word>> = {
  now: () => Date.now() / 1000,
  parseTime: (_run, [time]) => instant(time) / 1000,
  formatTime: (_run, [time, layout, zone]) => {
    const at = instant(time);
    const offset = zone === undefined ? 0 : offsetOf(zone, at);
    within(at + offset * 1000);
    return formatTime(new Date(at), layout === undefined ? undefined : short(layout, "the layout"), offset);
  },
  addTime: (_run, [time, duration]) => within(instant(time) + milliseconds(duration)) / 1000,
  truncateTime: (_run, [time, unit]) => {
    const given = short(unit, "the unit");
    const known = TIME_UNITS.find((each) => each === given);
    if (known === undefined) {
      throw new GuestMistake(`there is no unit ${JSON.stringify(given)}; there are ${TIME_UNITS.join(", ")}`);
    }
    return within(truncateTime(instant(time), known)) / 1000;
  },
};

function instant(time: GuestValue): number {
  const given = short(time, "the time");
  const at = parseTime(given);
  if (at !== undefined) return at;
  throw new GuestMistake(
    `${JSON.stringify(given)} is no time: write it as 2026-01-31T12:00:00Z, 2026-01-31, ` +
      "Sat, 31 Jan 2026 12:00:00 GMT, or in seconds since 1970",
  );
}

/** Refuses what is outside of the years 0000 to 9999. */
function within(at: number): number {
  if (isWithinYears(at)) return at;
  throw new GuestMistake("the time is not within the years 0000 to 9999");
}

function offsetOf(zone: GuestValue, at: number): number {
  const name = short(zone, "the time zone");
  const offset = zoneOffset(name, at);
  if (offset !== undefined) return offset;
  throw new GuestMistake(`there is no time zone ${JSON.stringify(name)}: name one such as "Europe/Berlin"`);
}

function milliseconds(duration: GuestValue): number {
  const given = short(duration, "the duration");
  const [, sign, length = ""] = /^([+-]?)(.*)$/s.exec(given) ?? [];
  const found = durationMs(length);
  if (found !== undefined) return sign === "-" ? -found : found;
  throw new GuestMistake(`${JSON.stringify(given)} is no duration: write it as "1h30m", "90s" or "-7d"`);
}

function short(value: GuestValue, what: string): string {
  const given = text(value, what);
  if (given.length > MAX_LENGTH) throw new GuestMistake(`${what} has more than ${MAX_LENGTH} characters`);
  return given;
}
