/** What is wrong with the name of a time zone; undefined when this program knows it (IANA, by way of ICU). */
export function timezoneProblem(name: string): string | undefined {
  // Offsets such as +01:00 are taken by newer programs alone, and they know no daylight-saving time.
  if (!/^[A-Za-z]/.test(name)) return 'must be the name of an IANA time zone, for example "Europe/Berlin"';
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return undefined;
  } catch {
    return `names the time zone ${JSON.stringify(name.slice(0, 60))}, which is none; write for example "Europe/Berlin" or "UTC"`;
  }
}
