/** Zones whose rules are kept; when there are more, all are forgotten, so that no function fills our memory with them. */
const KEPT = 64;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Seconds by which the clocks of a time zone of the IANA database (`Europe/Berlin`) are ahead of UTC at an instant (in
 * milliseconds since 1970). Undefined when there is no such zone.
 */
export function zoneOffset(zone: string, at: number): number | undefined {
  const format = formats.get(zone) ?? formatOf(zone);
  if (format === undefined) return undefined;
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0", seconds = "0"] =
    /^GMT([+-])(\d{1,2}):?(\d\d)?(?::(\d\d))?$/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds));
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.size >= KEPT) formats.clear();
  try {
    const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    formats.set(zone, made);
    return made;
  } catch {
    return undefined;
  }
}
