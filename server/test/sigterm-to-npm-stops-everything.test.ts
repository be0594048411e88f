import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive } from "../src/postgres/process-check.js";
import { waitFor } from "./support/wait-for.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-npm-"));
  await chmod(dataDir, 0o711);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

/** The number in a log line of the server. */
function pidOf(text: string): number | undefined {
  const line = text.split("\n").find((each) => each.includes('"server.listening"') && each.endsWith("}"));
  return line === undefined ? undefined : (JSON.parse(line) as { pid: number }).pid;
}

/** Starts a script of package.json on free ports, with a private database in `folder`. */
function npmRun(script: string, folder: string): ChildProcess {
  const { npm_lifecycle_event: _, ...env } = process.env;
  // Without the script before it, which builds: a build in the middle of the tests would change what they run.
  return spawn("npm", ["run", "--ignore-scripts", script], {
    cwd: ROOT,
    env: {
      ...env,
      DATABASE_URL: "",
      RELAY_DATA_DIR: folder,
      HTTP_API_PORT: "0",
      HTTPS_API_PORT: "0",
      GRPC_API_PORT: "0",
      STATUS_PORT: "0",
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("SIGTERM to `npm start` stops agent, server and database in order", async () => {
  const folder = join(dataDir, "start");
  const npm = npmRun("start", folder);
  const text = collect(npm);
  await waitFor("everything to run", () => text().includes("Stop: Ctrl-C"), { timeoutMs: 40_000 });
  npm.kill("SIGTERM");
  const postmaster = join(folder, "postgres/cluster/data/postmaster.pid");
  await waitFor("the database to end", async () => !(await stat(postmaster).catch(() => undefined)), {
    timeoutMs: 25_000,
  });
  expect(text()).toContain("Stopping: the agent first");
});

test("SIGTERM to `npm run server` stops the server and its database in order", async () => {
  const npm = npmRun("server", dataDir);
  const text = collect(npm);
  const pid = await waitFor("the server to listen", () => pidOf(text()), { timeoutMs: 25_000 });
  expect(pid).not.toBe(npm.pid);
  expect(isAlive(pid)).toBe(true);
  const ended = once(npm, "exit");
  npm.kill("SIGTERM");
  await ended;
  await waitFor("the server to end", () => !isAlive(pid), { timeoutMs: 25_000 });
  await waitFor("its last word", () => text().includes('"server.stopped"'));
  await expect(stat(join(dataDir, "postgres/cluster/data/postmaster.pid"))).rejects.toThrow("ENOENT");
});

test("an unknown argument ends with exit code 2 and a hint, before anything is started", async () => {
  const child = spawn(process.execPath, [MAIN, "--bogus"], { stdio: ["ignore", "pipe", "pipe"] });
  const text = collect(child);
  const [code] = await once(child, "close");
  expect([code, text()]).toEqual([2, expect.stringContaining('unknown argument "--bogus"')]);
});
