/** Milliseconds of each unit of Go's `time.ParseDuration`. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const TERM = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Milliseconds of a duration as Go writes them, such as `1h30m`, `1.5h` or `300ms`: terms with a unit each, or `0`. Undefined
 * when it is none, or negative.
 */
export function parseGoDuration(text: string): number | undefined {
  const terms = text.replace(/^\+/, "");
  if (terms === "0") return 0;
  let total = 0;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < terms.length) {
    const term = TERM.exec(terms);
    if (term === null) return undefined;
    total += Number(term[1]) * (UNITS[term[2] ?? ""] ?? Number.NaN);
  }
  return terms === "" || !Number.isFinite(total) ? undefined : total;
}
