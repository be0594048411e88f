import { afterAll, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, functionCall } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
afterAll(() => runner.stop());

/** What an expression of `time` gives: the two languages write them alike. */
async function value(driver: "js" | "lua", expression: string) {
  const source = driver === "js" ? `r.setBody(String(${expression}))` : `r:SetRequestBody(tostring(${expression}))`;
  const result = await run(driver, source);
  return result.kind === "done" ? bodyOf(result) : result.message;
}

async function run(driver: "js" | "lua", source: string) {
  const before = driver === "lua" ? "local time = require('time') " : "";
  return runner.run(functionCall(before + source, { driver }));
}

const ALIKE = [
  ["time.format('2026-07-01T12:00:00Z', 'rfc3339', 'Europe/Berlin')", "2026-07-01T14:00:00+02:00"],
  ["time.format('2026-01-01T12:00:00Z', 'rfc1123', 'America/New_York')", "Thu, 01 Jan 2026 07:00:00 -0500"],
  ["time.format(time.parse('Sat, 31 Jan 2026 12:00:00 GMT'))", "2026-01-31T12:00:00Z"],
  ["time.format(time.add('2026-01-31', '1h30m'), 'rfc1123')", "Sat, 31 Jan 2026 01:30:00 GMT"],
  ["time.format(time.add(1769860800, '-7d'), 'date')", "2026-01-24"],
  ["time.format(time.truncate('2026-03-04T15:06:07Z', 'week'), 'date')", "2026-03-02"],
  ["time.parse('2026-01-31T12:00:01Z') - time.parse('2026-01-31T12:00:00Z') == 1", "true"],
  ["time.truncate(time.unix(), 'second') - time.unix() <= 0", "true"],
] as const;

it.each(["js", "lua"] as const)("times are read, moved, cut and written in %s", async (driver) => {
  for (const [expression, expected] of ALIKE) expect(await value(driver, expression), expression).toBe(expected);
});

it.each(["js", "lua"] as const)("mistakes are told with an example in %s", async (driver) => {
  for (const [expression, told] of [
    ["time.parse('soon')", '"soon" is no time: write it as 2026-01-31T12:00:00Z'],
    ["time.add(0, '1 week')", '"1 week" is no duration: write it as "1h30m"'],
    ["time.truncate(0, 'fortnight')", 'there is no unit "fortnight"; there are second, minute'],
    ["time.format(0, 'date', 'Berlin')", 'there is no time zone "Berlin": name one such as "Europe/Berlin"'],
  ] as const) {
    expect(await value(driver, expression), expression).toContain(told);
  }
});

it("threat: times and texts without end are refused", async () => {
  const years = "not within the years 0000 to 9999";
  expect(await value("js", "time.add('9999-12-31', '2d')")).toContain(years);
  expect(await value("js", "time.format('9999-12-31T23:59:59Z', 'date', 'Asia/Tokyo')")).toContain(years);
  expect(await value("js", "time.truncate('0000-01-01', 'week')")).toContain(years);
  for (const call of [
    "parse(long)",
    "add(0, long)",
    "format(0, long)",
    "format(0, 'date', long)",
    "truncate(0, long)",
  ]) {
    expect(await run("js", `const long = '1'.repeat(101); time.${call}`), call).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("more than 100 characters"),
    });
  }
});
