export const TIME_UNITS = ["second", "minute", "hour", "day", "week", "month", "year"] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

const DAY = 86_400_000;
const LENGTHS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: DAY } as const;
/** 1970-01-05 was a Monday. */
const A_MONDAY = 4 * DAY;

/** The beginning of the second, …, year in UTC that an instant lies in; both in milliseconds since 1970. Weeks begin on Mondays. */
export function truncateTime(at: number, unit: TimeUnit): number {
  if (unit === "week") return floored(at - A_MONDAY, 7 * DAY) + A_MONDAY;
  if (unit !== "month" && unit !== "year") return floored(at, LENGTHS[unit]);
  const date = new Date(floored(at, DAY));
  return unit === "month" ? date.setUTCDate(1) : date.setUTCMonth(0, 1);
}

function floored(at: number, length: number): number {
  return Math.floor(at / length) * length;
}
