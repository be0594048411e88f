import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CRASH = fileURLToPath(new URL("../../../bench/dist/crash.js", import.meta.url));
const LIMIT_MS = 180_000;

// The same program as `npm run crash`, which runs any number of rounds with any seed.
test(
  "20 rounds of killed processes lose nothing that was answered, and every duplicate is recognisable",
  async () => {
    const { code, output } = await runCrash(["--rounds", "20", "--seed", "1"]);
    expect(code, output).toBe(0);
    expect(output).toMatch(/20 rounds: [1-9]\d* answered, \d+ not answered, 0 lost/);
  },
  LIMIT_MS,
);

function runCrash(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CRASH, ...args], { timeout: LIMIT_MS }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: `${stdout}${stderr}` });
    });
  });
}
