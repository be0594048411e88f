const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** The parts of the sample time by which layouts are written, longer ones before those that they begin with. */
const PARTS = /2006|January|Jan|Monday|Mon|MST|-07:00|-0700|Z07:00|\.0{1,9}|01|02|15|03|04|05|06|PM/g;

/** Layouts that have a name. */
const NAMED: Readonly<Record<string, string>> = {
  rfc3339: "2006-01-02T15:04:05Z07:00",
  rfc1123: "Mon, 02 Jan 2006 15:04:05 GMT",
  date: "2006-01-02",
};

/**
 * A time by a layout that spells how "Mon Jan 2 15:04:05 2006" would look, or by the name of one (`rfc3339`, which is usual,
 * `rfc1123`, `date`); text that is no part of the sample stays. In UTC, or with clocks that are `offsetSeconds` ahead of it.
 */
export function formatTime(instant: Date, layout = "rfc3339", offsetSeconds = 0): string {
  const at = new Date(instant.getTime() + offsetSeconds * 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const offset = (colon: string) =>
    (offsetSeconds < 0 ? "-" : "+") + two(Math.trunc(minutes / 60)) + colon + two(minutes % 60);
  const parts: Readonly<Record<string, string>> = {
    "2006": String(at.getUTCFullYear()).padStart(4, "0"),
    "06": two(at.getUTCFullYear() % 100),
    January: MONTHS[at.getUTCMonth()] ?? "",
    Jan: (MONTHS[at.getUTCMonth()] ?? "").slice(0, 3),
    "01": two(at.getUTCMonth() + 1),
    Monday: DAYS[at.getUTCDay()] ?? "",
    Mon: (DAYS[at.getUTCDay()] ?? "").slice(0, 3),
    "02": two(at.getUTCDate()),
    "15": two(at.getUTCHours()),
    "03": two(((at.getUTCHours() + 11) % 12) + 1),
    PM: at.getUTCHours() < 12 ? "AM" : "PM",
    "04": two(at.getUTCMinutes()),
    "05": two(at.getUTCSeconds()),
    MST: offsetSeconds === 0 ? "UTC" : offset(":"),
    "-07:00": offset(":"),
    "-0700": offset(""),
    "Z07:00": offsetSeconds === 0 ? "Z" : offset(":"),
  };
  const fraction = `${String(at.getUTCMilliseconds()).padStart(3, "0")}000000`;
  const named = layout === "rfc1123" && offsetSeconds !== 0 ? "Mon, 02 Jan 2006 15:04:05 -0700" : NAMED[layout];
  return (named ?? layout).replace(PARTS, (part) => parts[part] ?? `.${fraction.slice(0, part.length - 1)}`);
}
