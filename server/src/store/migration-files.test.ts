import { expect, test } from "vitest";
import { oldestProgramOf, readMigrations } from "./migration-files.js";

test("a step declares in its first line, and there only, which older programs go on working", () => {
  expect(oldestProgramOf("-- oldest-program: 4\nALTER TABLE …")).toBe(4);
  expect(oldestProgramOf("-- oldest-program: 12\r\nALTER TABLE …")).toBe(12);
  for (const sql of [
    "",
    "-- Adds a column.\n-- oldest-program: 4\n",
    "-- oldest-program: four\n",
    "-- oldest-program: 4 or 5\n",
  ])
    expect(oldestProgramOf(sql)).toBeNull();
});

test("the steps are numbered without a gap, and none declares a program newer than itself", async () => {
  const steps = await readMigrations();
  expect(steps.map(({ id }) => id)).toEqual(steps.map((_, index) => index + 1));
  for (const { id, oldestProgram } of steps) expect(oldestProgram ?? 0).toBeLessThan(id);
});
