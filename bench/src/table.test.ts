import { expect, test } from "vitest";
import { atLeast, atMost } from "./figure.js";
import { formatTable, summarize } from "./table.js";

const noise = { stealPercent: 0.5, load: 2 };

test("repeats become a median with its range, and the target is judged by the median", () => {
  const rows = summarize([
    { name: "rate", value: 9, unit: "/s", ratio: 0.2, target: atLeast(10, 0.25), noise },
    { name: "rate", value: 12, unit: "/s", ratio: 0.3, target: atLeast(10, 0.25), noise },
    { name: "rate", value: 8, unit: "/s", ratio: 0.26, target: atLeast(10, 0.25), noise },
    { name: "p99", value: 8.5, unit: "ms", target: atMost(7), noise },
  ]);
  expect(rows[0]).toMatchObject({ median: 9, min: 8, max: 12, ratio: 0.26, reached: true });
  expect(rows[1]).toMatchObject({ median: 8.5, reached: false });
});

test("the table's columns are aligned", () => {
  const lines = formatTable(summarize([{ name: "a", value: 12_345.6, unit: "/s", noise }])).split("\n");
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toContain("12,346");
});
