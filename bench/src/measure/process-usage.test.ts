import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cpuSeconds, residentMiB } from "./process-usage.js";

test.runIf(process.platform === "linux")("CPU of a process includes its children, running and ended", async () => {
  const burn = "const end = Date.now() + 150; while (Date.now() < end);";
  const script = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(burn)}]);
    ${burn} console.log("done"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const pid = child.pid ?? 0;
    expect(cpuSeconds([pid])).toBeGreaterThan(0.2);
    expect(cpuSeconds([process.pid])).toBeGreaterThanOrEqual(cpuSeconds([pid]));
    expect(residentMiB(pid)).toBeGreaterThan(20);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  expect(residentMiB(child.pid ?? 0)).toBe(0);
});
