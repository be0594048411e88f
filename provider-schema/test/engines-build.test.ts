import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CommandResult, startCommand } from "./support/run-command.js";

const SCRIPT = fileURLToPath(new URL("../../scripts/build-engines.mjs", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-engines-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function buildEngines(args: readonly string[]): Promise<CommandResult> {
  const env = { PATH: folder, HOME: folder };
  return startCommand(process.execPath, [SCRIPT, ...args], { cwd: folder, env }).done;
}

test("without Go, npm run engines says what to install", async () => {
  const { exitCode, stdout, stderr } = await buildEngines([]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^engines: Go is missing, .* Install Go .* run `npm run engines` again\.\n$/);
});

test("an engine that is not known is refused with the names of those that are", async () => {
  const { exitCode, stderr } = await buildEngines(["tofu", "terrafrom"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^engines: there is no engine terrafrom\. Known: tofu, pulumi, pulumi-language-nodejs, [a-z, -]+\.\n$/,
  );
});
