import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { isRetryableStatus } from "../src/delivery/next-attempt.js";
import { type RetrySchedule, retrySchedule } from "../src/delivery/retry-schedule.js";
import { CallError, type ErrorClass } from "../src/destination/call-error.js";
import { describeFailure } from "../src/destination/describe-failure.js";
import { BLOCKED_ADDRESS } from "../src/destination/network-lookup.js";

const TEXT = await readFile(new URL("../../docs/delivery.md", import.meta.url), "utf8");

/** Cells of the rows below a heading of a table, without marks of code. */
function table(heading: string): string[][] {
  const after = TEXT.split(`${heading}\n`)[1] ?? "";
  const rows = after.split("\n").slice(1);
  const end = rows.findIndex((row) => !row.startsWith("|"));
  return rows.slice(0, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** In the two largest units that are not zero. */
function words(ms: number): string {
  let rest = Math.floor(ms / 1_000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

/** Halfway between the shortest and the longest. */
const noJitter = () => 0.5;

function delaysOf(schedule: RetrySchedule): number[] {
  const delays: number[] = [];
  for (let delay = schedule.delayMs(0, noJitter); delay !== undefined; ) {
    delays.push(delay);
    delay = schedule.delayMs(delays.length, noJitter);
  }
  return delays;
}

/** `5 s, 1 min, 29 × 1 d` for delays in milliseconds. */
function listed(delays: readonly number[]): string {
  const runs: { text: string; count: number }[] = [];
  for (const delay of delays) {
    const text = words(delay);
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(({ text, count }) => (count === 1 ? text : `${count} × ${text}`)).join(", ");
}

test("the delays, totals and deadlines of each schedule are those of the server", () => {
  const rows = table("| schedule | delays | together | deadline |");
  expect(rows.map(([name]) => name)).toEqual(["default, public", "none", "seconds", "medium", "long", "custom"]);
  for (const [name = "", ...cells] of rows.slice(1, -1)) {
    const schedule = retrySchedule({ schedule: name }, false);
    if (schedule === undefined) throw new Error(`there is no ${name}`);
    const delays = delaysOf(schedule);
    const sum = delays.reduce((total, delay) => total + delay, 0);
    expect([name, ...cells]).toEqual([name, listed(delays), words(sum), words(schedule.deadlineMs)]);
  }
});

test("the schedule of a public output that says nothing grows to an hour and ends after a day", () => {
  const schedule = retrySchedule({}, false);
  expect(schedule?.deadlineMs).toBe(86_400_000);
  const first = [0, 1, 2, 20].map((retry) => schedule?.delayMs(retry, noJitter));
  expect(first).toEqual([5_000, 10_000, 20_000, 3_600_000]);
  expect(retrySchedule({ schedule: "custom", delays: ["1h", "1h"] }, false)?.deadlineMs).toBe(3 * 3_600_000);
});

test("the answers that are tried again are those that it names", () => {
  const named = /\*\*Which are tried again\.\*\* (\d+), (\d+), (\d+) and all of 5xx but (\d+)/.exec(TEXT);
  const [later, never] = [named?.slice(1, 4).map(Number), Number(named?.[4])];
  const all = Array.from({ length: 500 }, (_, i) => i + 100);
  expect(all.filter(isRetryableStatus)).toEqual([...(later ?? []), ...all.filter((s) => s >= 500 && s !== never)]);
});

/** Those of which the network's libraries tell, and not we. */
const CODES: Readonly<Record<string, string>> = {
  blocked: BLOCKED_ADDRESS,
  "too-large": "UND_ERR_HEADERS_OVERFLOW",
  invalid: "UND_ERR_INVALID_ARG",
};

test("every error class is explained, with whether it is tried again", async () => {
  const source = await readFile(new URL("../src/destination/call-error.ts", import.meta.url), "utf8");
  const union = source.slice(0, source.indexOf(";"));
  const ofCalls = [...union.matchAll(/\| "([a-z-]+)"/g)].map(([, name = ""]) => name);
  const rows = table("| class | means | tried again |");
  expect(rows.map(([name]) => name)).toEqual([...ofCalls, "function-stopped", "function-failed", "deadline"]);
  for (const [name = "", , again] of rows.slice(0, ofCalls.length)) {
    const code = CODES[name];
    const error = code === undefined ? new CallError(name as ErrorClass, "x") : Object.assign(new Error("x"), { code });
    const { errorClass, retryable } = describeFailure(error, "http://example.com");
    expect([errorClass, again]).toEqual([name, retryable ? "yes" : "no"]);
  }
});
