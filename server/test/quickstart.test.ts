import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listenOnLoopback } from "./support/listen-on-loopback.js";

const MAIN = fileURLToPath(new URL("../dist/quickstart/main.js", import.meta.url));
const PATIENCE = { timeout: 40_000, interval: 50 };

let dataDir: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-quickstart-"));
});
afterAll(async () => {
  for (const child of started) child.kill("SIGINT");
  await Promise.all(started.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit")));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

interface Run {
  readonly child: ChildProcess;
  readonly text: () => string;
}

/** Starts `npm start` without npm, on free ports. */
function run(args: readonly string[] = [], env: Record<string, string> = {}): Run {
  const ports = { HTTP_API_PORT: "0", HTTPS_API_PORT: "0", GRPC_API_PORT: "0", STATUS_PORT: "0" };
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, RELAY_DATA_DIR: dataDir, ...ports, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  return { child, text: () => text };
}

async function untilReady({ text }: Run): Promise<string> {
  await vi.waitFor(() => expect(text()).toContain("Stop: Ctrl-C"), PATIENCE);
  return /(http:\S+\/v1\/webhooks\/\S+)\n/.exec(text())?.[1] ?? "";
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode;
}

/** Ids of the processes that work on the data directory, wherever they were started. */
async function processesLeft(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "pid,args"]);
  const environments = stdout.split("\n").map((line) => line.trim().split(" ")[0] ?? "");
  const found: string[] = [];
  for (const pid of environments.filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (environment.includes(dataDir) || command.includes(dataDir))
      found.push(`${pid} ${command.replaceAll("\0", " ")}`);
  }
  return found;
}

test("npm start: the printed curl line works, the webhook is printed, Ctrl-C leaves no process behind", async () => {
  const first = run();
  const url = await untilReady(first);
  const curl =
    first
      .text()
      .split("\n")
      .find((line) => line.trim().startsWith("curl ")) ?? "";
  await promisify(execFile)("bash", ["-c", curl]);
  await vi.waitFor(() => expect(first.text()).toContain('{"hello":"world"}\n\n'), PATIENCE);
  expect(first.text()).toMatch(/POST \/ {2}\d+ ms after it was received/);
  expect((await processesLeft()).length).toBeGreaterThan(2);
  first.child.kill("SIGINT");
  // npm passes the same Ctrl-C on once more.
  first.child.kill("SIGINT");
  expect(await end(first.child)).toBe(0);
  expect(await processesLeft()).toEqual([]);

  const state = await readFile(join(dataDir, "quickstart.json"), "utf8");
  expect((await stat(join(dataDir, "quickstart.json"))).mode & 0o777).toBe(0o600);
  const { agent, admin } = JSON.parse(state) as Record<string, { secret: string }>;
  for (const secret of [agent?.secret, admin?.secret]) {
    expect(first.text()).not.toContain(secret);
    expect(await readFile(join(dataDir, "server.log"), "utf8")).not.toContain(secret);
  }

  const received: Buffer[] = [];
  const service = await listenOnLoopback(
    createServer(async (request, response) => {
      received.push(Buffer.concat(await request.toArray()));
      response.end();
    }),
  );
  const second = run([`${service.url}/hooks`]);
  const again = await untilReady(second);
  expect(new URL(again).pathname).toBe(new URL(url).pathname);
  const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  expect((await fetch(again, { method: "POST", body })).status).toBe(200);
  await vi.waitFor(() => expect(received).toEqual([body]), PATIENCE);
  await vi.waitFor(() => expect(second.text()).toMatch(/POST \/ 200 /), PATIENCE);
  await service.stop();
  second.child.kill("SIGKILL");
  await vi.waitFor(async () => expect(await processesLeft()).toEqual([]), PATIENCE);
  const later = JSON.parse(await readFile(join(dataDir, "quickstart.json"), "utf8"));
  expect(later).toEqual(JSON.parse(state));
}, 120_000);

test("Ctrl-C during the first start leaves no process behind", async () => {
  const fresh = join(dataDir, "interrupted");
  const { child, text } = run([], { RELAY_DATA_DIR: fresh });
  await vi.waitFor(() => stat(join(fresh, "postgres")), PATIENCE);
  child.kill("SIGINT");
  expect(await end(child)).toBe(0);
  expect(await processesLeft()).toEqual([]);
  expect(text()).not.toContain("webhooks/");
});

test("a port in use is named with the variable that chooses another", async () => {
  const other = await listenOnLoopback(createServer());
  const { port } = other;
  const { child, text } = run([], { HTTP_API_PORT: String(port) });
  expect(await end(child)).toBe(1);
  expect(text()).toContain(`Port ${port} on 127.0.0.1 is in use by another program. Choose another: HTTP_API_PORT=`);
  await other.stop();
});

test("wrong arguments and settings end with exit code 2 and advice", async () => {
  const argument = run(["localhost:3000"]);
  expect(await end(argument.child)).toBe(2);
  expect(argument.text()).toContain("npm start -- http://localhost:3000");
  const setting = run([], { LOG_LEVEL: "loud" });
  expect(await end(setting.child)).toBe(2);
  expect(setting.text()).toContain("LOG_LEVEL");
});
