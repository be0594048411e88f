const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** First and last instant with a year of four digits, in milliseconds since 1970. */
const FIRST = Date.parse("0000-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

const SECONDS = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`;
const ISO = new RegExp(String.raw`^(\d{4})-(\d\d)-(\d\d)(?:[Tt ]${CLOCK}(Z|z|[+-]\d\d:?\d\d)?)?$`);
const RFC_1123 = new RegExp(
  String.raw`^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) ${CLOCK} (GMT|UTC|Z|[+-]\d\d:?\d\d)$`,
);

/**
 * Milliseconds since 1970 of a time as RFC 3339 or RFC 1123 writes it, of a date, or of seconds since 1970 (`1767225600`).
 * UTC where no offset is given. Undefined when it is none of these, or has no year from 0000 to 9999.
 */
export function parseTime(given: string): number | undefined {
  const at = SECONDS.test(given) ? Math.round(Number(given) * 1_000) : (isoTime(given) ?? rfc1123Time(given));
  return at !== undefined && isWithinYears(at) ? at : undefined;
}

/** Is this a time that can be written with a year of four digits? Milliseconds since 1970. */
export function isWithinYears(at: number): boolean {
  return at >= FIRST && at <= LAST;
}

function isoTime(given: string): number | undefined {
  const found = ISO.exec(given);
  if (found === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  return instant([year, month, day, hour, minute, second].map(Number), { fraction, zone });
}

function rfc1123Time(given: string): number | undefined {
  const found = RFC_1123.exec(given);
  if (found === null) return undefined;
  const [, day, name = "", year, hour, minute, second = "0", fraction = "", zone = "GMT"] = found;
  return instant([Number(year), MONTHS.indexOf(name) + 1, ...[day, hour, minute, second].map(Number)], {
    fraction,
    zone,
  });
}

function instant(
  [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: readonly number[],
  { fraction, zone }: { readonly fraction: string; readonly zone: string },
): number | undefined {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have runs over into the next one.
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return undefined;
  // The sixtieth second is a leap second (RFC 3339, section 5.7).
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  return at.setUTCHours(hour, minute - offset, second, Number(fraction.padEnd(3, "0").slice(0, 3)));
}

function offsetMinutes(zone: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
