import { GuestMistake } from "../guest-mistake.js";
import { text } from "../guest-value.js";
import { formatTime } from "./format-time.js";
import type { Word } from "./word.js";

/** Largest distance from 1970 that a date can have, in seconds (ECMA-262, "Time Values"). */
const MAX_SECONDS = 8.64e12;

/** The clock, in UTC. Times are seconds since 1970. */
export const TIME_WORDS: Readonly<Record<string, Word>> = {
  now: () => Date.now() / 1000,
  formatTime: (_run, [seconds, layout]) => {
    const at = Number(text(seconds, "the time"));
    if (!(Math.abs(at) <= MAX_SECONDS)) throw new GuestMistake("the time is no number of seconds since 1970");
    return formatTime(new Date(at * 1000), layout === undefined ? undefined : text(layout, "the layout"));
  },
  parseTime: (_run, [value]) => {
    const given = text(value, "the time");
    const at = given.length > 100 ? Number.NaN : Date.parse(given);
    if (Number.isNaN(at)) {
      throw new GuestMistake(`${JSON.stringify(given.slice(0, 100))} is no time: write it as 2026-01-31T12:00:00Z`);
    }
    return at / 1000;
  },
};
