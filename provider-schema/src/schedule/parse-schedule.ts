import { CronPattern } from "croner";

/** What the text of a schedule says. */
export type Schedule =
  /** Five fields, as cron reads them. */
  | { readonly kind: "fields"; readonly pattern: string }
  | { readonly kind: "every"; readonly seconds: number }
  | { readonly kind: "wrong"; readonly problem: string };

const WORDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const FIELDS = [
  { name: "minute", range: "0-59" },
  { name: "hour", range: "0-23" },
  { name: "day of the month", range: "1-31, or L for the last" },
  { name: "month", range: "1-12 or jan-dec" },
  { name: "day of the week", range: "0-7 or sun-sat, 0 and 7 being Sunday" },
] as const;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 31 * 86_400;

/** Longest months, by number: February in a leap year. */
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Reads a schedule: five fields, a word such as `@daily`, or `@every` with a duration. */
export function parseSchedule(text: string): Schedule {
  const trimmed = text.trim();
  if (/^@every\b/i.test(trimmed)) return parseEvery(trimmed.slice("@every".length).trim());
  if (trimmed.startsWith("@")) {
    const pattern = WORDS[trimmed.toLowerCase()];
    if (pattern !== undefined) return { kind: "fields", pattern };
    return wrong(`has the unknown word ${shown(trimmed)}; there are ${Object.keys(WORDS).join(", ")} and @every`);
  }
  const fields = trimmed.split(/\s+/);
  if (fields.length !== FIELDS.length || trimmed === "") {
    const count = trimmed === "" ? 0 : fields.length;
    return wrong(`must have five fields (minute, hour, day of the month, month, day of the week), it has ${count}`);
  }
  for (const [at, { name, range }] of FIELDS.entries()) {
    const field = fields[at] ?? "";
    if (!isField(field, at)) return wrong(`has the ${name} ${shown(field)}, which is none (${range})`);
  }
  const pattern = fields.join(" ");
  return hasNoDay(pattern)
    ? wrong("names a day that no month of it has, so it would never run")
    : { kind: "fields", pattern };
}

function parseEvery(text: string): Schedule {
  const parts = [...text.matchAll(/(\d{1,8})([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    return wrong(
      `has the duration ${shown(text)} behind @every, which is none; write for example 30s, 10m, 1h30m or 2d`,
    );
  }
  const seconds = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (SECONDS[unit] ?? 0), 0);
  if (seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS) {
    return wrong("has a duration behind @every that is not from 1s to 31d");
  }
  return { kind: "every", seconds };
}

/** Each field is tried with all others left open, so that what is wrong has a name. */
function isField(field: string, at: number): boolean {
  const pattern = FIELDS.map((_, each) => (each === at ? field : "*")).join(" ");
  return patternOf(pattern) !== undefined;
}

function patternOf(pattern: string): CronPattern | undefined {
  try {
    return new CronPattern(pattern, undefined, { mode: "5-part" });
  } catch {
    return undefined;
  }
}

/** Such as 30 February. A day of the week beside the day of the month is another chance. */
function hasNoDay(text: string): boolean {
  const pattern = patternOf(text);
  if (pattern === undefined) return true;
  if (pattern.starDOM || !pattern.starDOW || pattern.lastDayOfMonth || pattern.lastWeekday) return false;
  if (pattern.nearestWeekdays.some((on) => on !== 0)) return false;
  return MONTH_DAYS.every((days, month) => !pattern.month[month] || !pattern.day.slice(0, days).some((on) => on !== 0));
}

function wrong(problem: string): Schedule {
  return { kind: "wrong", problem };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
