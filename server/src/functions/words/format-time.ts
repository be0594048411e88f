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

/**
 * A time in UTC by a layout that spells how "Mon Jan 2 15:04:05 2006" would look; RFC 3339 without one.
 * Text that is no part of the sample stays.
 */
export function formatTime(at: Date, layout?: string): string {
  if (layout === undefined) return at.toISOString().replace(/\.\d+Z$/, "Z");
  const two = (value: number) => String(value).padStart(2, "0");
  const parts: Readonly<Record<string, string>> = {
    "2006": String(at.getUTCFullYear()),
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
    MST: "UTC",
    "-07:00": "+00:00",
    "-0700": "+0000",
    "Z07:00": "Z",
  };
  const fraction = `${String(at.getUTCMilliseconds()).padStart(3, "0")}000000`;
  return layout.replace(PARTS, (part) => parts[part] ?? `.${fraction.slice(0, part.length - 1)}`);
}
