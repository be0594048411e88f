import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockState, StateLockedError } from "./state-lock.js";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "relay-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a second taker is refused until the first lets go", () => {
  const first = lockState(directory);
  expect(() => lockState(directory)).toThrow(StateLockedError);
  first.release();
  lockState(directory).release();
  expect(readdirSync(directory)).toEqual([]);
});

test("the lock of a live process holds, the lock of a dead one is taken over", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"]);
  await once(child.stdout, "data");
  writeFileSync(join(directory, "lock"), `${child.pid} \n`);
  expect(() => lockState(directory)).toThrow(`process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "close");
  lockState(directory).release();
});

test("a process id that was used again, as in every container, does not hold the lock", () => {
  writeFileSync(join(directory, "lock"), `${process.pid} 1\n`);
  lockState(directory).release();
  writeFileSync(join(directory, "lock"), `${process.ppid} 1\n`);
  lockState(directory).release();
});

test("a damaged lock file does not stop the agent", () => {
  writeFileSync(join(directory, "lock"), "");
  lockState(directory).release();
});
