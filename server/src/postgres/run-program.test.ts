import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareRunProgram } from "./run-program.js";
import { chooseSystemUser } from "./system-user.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-run-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a program reaches and may execute what lies in a folder that only root may enter", async () => {
  // Mode 700, as /root and mktemp -d; a checkout in it holds PostgreSQL's programs and the cluster.
  await mkdir(join(folder, "bin"));
  const file = join(folder, "bin/program");
  await writeFile(file, "");
  await chmod(file, 0o755);
  const run = await prepareRunProgram({ user: await chooseSystemUser(folder), paths: [file] });
  // access(2), which initdb asks: it judges by the real user.
  await run(process.execPath, ["-e", `fs.accessSync(${JSON.stringify(file)}, fs.constants.X_OK)`]);
});

test("a program that fails rejects with what it printed, and sees none of the server's environment", async () => {
  process.env.RELAY_TEST_MARK = "secret";
  const run = await prepareRunProgram({ user: null, paths: [] });
  const script = 'console.error("env", Object.keys(process.env).sort().join()); process.exit(3)';
  await expect(run(process.execPath, ["-e", script])).rejects.toThrow(/ended with 3: env LC_ALL,PATH,TZ$/);
  delete process.env.RELAY_TEST_MARK;
});
