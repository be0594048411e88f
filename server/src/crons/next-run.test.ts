import fc from "fast-check";
import { expect, test } from "vitest";
import { type CronTiming, nextRun } from "./next-run.js";

const DAY_MS = 86_400_000;

/** Three days around a change of clocks, or around nothing. */
const WINDOWS = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  // Half an hour.
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Australia/Lord_Howe", "2026-04-05"],
  // At midnight.
  ["Africa/Cairo", "2026-04-24"],
  ["Africa/Cairo", "2026-10-30"],
  ["America/Santiago", "2026-09-06"],
  ["America/Santiago", "2026-04-05"],
  ["Asia/Kathmandu", "2026-02-28"],
  ["UTC", "2028-02-29"],
] as const;

interface Minute {
  readonly ms: number;
  /** The clock on the wall, as minutes since 1970. */
  readonly wall: number;
}

/** Every minute of the window, with what the clock on the wall shows. */
function minutesOf(zone: string, day: string): Minute[] {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const from = Date.parse(`${day}T00:00:00Z`) - 1.5 * DAY_MS;
  return Array.from({ length: (3 * DAY_MS) / 60_000 }, (_, at) => {
    const ms = from + at * 60_000;
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute) / 60_000;
    return { ms, wall };
  });
}

const TABLES = WINDOWS.map(([zone, day]) => ({ zone, minutes: minutesOf(zone, day) }));

/** One field as people write it, with the values that it means. */
interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number>;
}

function field(least: number, most: number): fc.Arbitrary<Field> {
  const all = Array.from({ length: most - least + 1 }, (_, at) => least + at);
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  return fc.oneof(
    fc.constant({ text: "*", values: new Set(all) }),
    value.map((one) => ({ text: String(one), values: new Set([one]) })),
    fc
      .uniqueArray(value, { minLength: 2, maxLength: 4 })
      .map((list) => ({ text: list.join(","), values: new Set(list) })),
    range.map(([a, b]) => ({ text: `${a}-${b}`, values: new Set(all.filter((one) => one >= a && one <= b)) })),
    fc
      .integer({ min: 2, max: Math.ceil(all.length / 2) })
      .map((step) => ({ text: `*/${step}`, values: new Set(all.filter((one) => (one - least) % step === 0)) })),
  );
}

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

const open = { text: "*", values: new Set(Array.from({ length: 32 }, (_, at) => at)) };
const FIELDS: fc.Arbitrary<Fields> = fc.record({
  minute: field(0, 59),
  // Mostly the hours in which clocks change.
  hour: fc.oneof(
    { weight: 2, arbitrary: field(0, 23) },
    {
      weight: 3,
      arbitrary: fc.integer({ min: 0, max: 3 }).map((one) => ({ text: String(one), values: new Set([one]) })),
    },
  ),
  day: fc.oneof({ weight: 3, arbitrary: fc.constant(open) }, { weight: 1, arbitrary: field(1, 31) }),
  month: fc.oneof({ weight: 5, arbitrary: fc.constant(open) }, { weight: 1, arbitrary: field(1, 12) }),
  weekday: fc.oneof({ weight: 3, arbitrary: fc.constant(open) }, { weight: 1, arbitrary: field(0, 6) }),
});

function matches({ minute, hour, day, month, weekday }: Fields, wall: number): boolean {
  const date = new Date(wall * 60_000);
  if (!minute.values.has(date.getUTCMinutes()) || !hour.values.has(date.getUTCHours())) return false;
  if (!month.values.has(date.getUTCMonth() + 1)) return false;
  const onDay = day.values.has(date.getUTCDate());
  const onWeekday = weekday.values.has(date.getUTCDay());
  // Both given: either is enough.
  if (day.text !== "*" && weekday.text !== "*") return onDay || onWeekday;
  return onDay && onWeekday;
}

/** Minute by minute, knowing nothing but what the clock on the wall shows. */
function naiveRuns(fields: Fields, minutes: readonly Minute[]): number[] {
  const fixed = !/[*/]/.test(`${fields.minute.text} ${fields.hour.text}`);
  const runs: number[] = [];
  const seen = new Set<number>();
  let before: number | undefined;
  for (const { ms, wall } of minutes) {
    const skipped =
      before === undefined ? [] : Array.from({ length: Math.max(0, wall - before - 1) }, (_, at) => wall - 1 - at);
    const again = seen.has(wall);
    seen.add(wall);
    before = wall;
    const due = matches(fields, wall);
    if (fixed ? (due && !again) || skipped.some((each) => matches(fields, each)) : due) runs.push(ms);
  }
  return runs;
}

function runsBetween(timing: CronTiming, fromMs: number, toMs: number): number[] {
  const runs: number[] = [];
  for (let at = nextRun(timing, fromMs - 1); at !== null && at <= toMs; at = nextRun(timing, at)) runs.push(at);
  return runs;
}

const ALWAYS = { starts_at: "", ends_at: "" };

test("runs when an evaluation minute by minute says so, also where clocks change", () => {
  const table = fc.constantFrom(...TABLES);
  fc.assert(
    fc.property(FIELDS, table, (fields, { zone, minutes }) => {
      const { minute, hour, day, month, weekday } = fields;
      const schedule = [minute, hour, day, month, weekday].map(({ text }) => text).join(" ");
      // The first minutes of a table do not know whether they come for the second time.
      const from = (minutes[0]?.ms ?? 0) + DAY_MS / 2;
      const to = minutes.at(-1)?.ms ?? 0;
      const expected = naiveRuns(fields, minutes).filter((ms) => ms >= from);
      // Every minute of two days is enough of `* * * * *`.
      const bounded = expected.slice(0, 400);
      const last = expected.length > bounded.length ? (bounded.at(-1) ?? to) : to;
      fc.pre(expected.length > 0 || fields.month.text === "*");
      const timing = { schedule, timezone: zone, ...ALWAYS };
      expect(runsBetween(timing, from, last).map(iso), `${schedule} in ${zone}`).toEqual(bounded.map(iso));
    }),
    { numRuns: 150 },
  );
}, 120_000);

test.each([
  // Skipped: at the end of the gap. Twice: the first time.
  ["30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00.000Z"],
  ["30 2 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00.000Z"],
  ["30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00.000Z"],
  // On the wall there is no 02:30, and then there are two.
  ["*/30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00.000Z"],
  ["*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00.000Z"],
  ["0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["0 12 13 * 5", "UTC", "2026-11-07T00:00:00Z", "2026-11-13T12:00:00.000Z"],
  ["@weekly", "Asia/Tokyo", "2026-11-24T00:00:00Z", "2026-11-28T15:00:00.000Z"],
])("%s in %s runs after %s at %s", (schedule, timezone, after, expected) => {
  expect(iso(nextRun({ schedule, timezone, ...ALWAYS }, Date.parse(after)))).toBe(expected);
});

test("@every keeps to one grid, from 1970 or from where it starts, whenever it is asked", () => {
  const seconds = fc.integer({ min: 1, max: 31 * 86_400 });
  const start = fc.option(fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }));
  const after = fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 });
  fc.assert(
    fc.property(seconds, start, after, (period, startsAt, afterMs) => {
      const starts_at = startsAt === null ? "" : new Date(startsAt * 1000).toISOString();
      const next =
        nextRun({ schedule: `@every ${period}s`, timezone: "Asia/Tokyo", starts_at, ends_at: "" }, afterMs) ?? 0;
      expect(next).toBeGreaterThan(afterMs);
      expect((next - (startsAt ?? 0) * 1000) % (period * 1000)).toBe(0);
      expect(next - Math.max(afterMs, (startsAt ?? 0) * 1000 - 1)).toBeLessThanOrEqual(period * 1000);
    }),
  );
});

test("nothing runs before the start and after the end, both themselves included", () => {
  const timing = {
    schedule: "@every 1h",
    timezone: "UTC",
    starts_at: "2026-12-01T00:00:00Z",
    ends_at: "2026-12-01T01:00:00Z",
  };
  const before = Date.parse("2026-11-24T00:00:00Z");
  expect(runsBetween(timing, before, before + 30 * DAY_MS).map(iso)).toEqual([
    "2026-12-01T00:00:00.000Z",
    "2026-12-01T01:00:00.000Z",
  ]);
  expect(nextRun({ ...timing, schedule: "0 0 * * *", ends_at: "2026-11-30T00:00:00+01:00" }, before)).toBeNull();
});

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
