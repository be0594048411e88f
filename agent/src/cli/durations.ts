const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,

  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a text such as `500ms`, `1s`, `1.5m`; a bare number is seconds. Null when it is none. */
export function parseDuration(text: string): number | null {
  const [, number = "", unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit];
  return number === "" || factor === undefined ? null : Math.round(Number(number) * factor);
}
