// Prints "N passed, N failed" for a JSON report of vitest, and fails when a test failed or none ran.
import { readFile } from "node:fs/promises";

const [, , file] = process.argv;
if (file === undefined) throw new Error("usage: node scripts/print-test-summary.mjs <report.json>");
/** @type {import("vitest/node").JsonTestResults} */
const report = JSON.parse(await readFile(file, "utf8"));
const passed = report.numPassedTests;
// A file that does not load has no tests to count: it counts as one failure.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
).length;
const failed = report.numFailedTests + broken;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
