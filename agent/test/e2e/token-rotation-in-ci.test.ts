import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { agentHome } from "../agent-process.js";

interface Job {
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

interface Workflow {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILE = fileURLToPath(new URL("../../../docs/examples/rotate-relay-token.yml", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const STAND_IN = fileURLToPath(new URL("support/stand-in-cloud.mjs", import.meta.url));
const WORKFLOW = parse(readFileSync(FILE, "utf8")) as Workflow;
const JOBS = ["kubernetes", "secret-manager"];

let server: TestServer;
let home: ReturnType<typeof agentHome>;
let token: { key: string; secret: string };

beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server?.close());

beforeEach(async () => {
  home = agentHome();
  mkdirSync(join(home.path, "bin"));
  const program = (name: string, ...words: string[]): void =>
    writeFileSync(
      join(home.path, "bin", name),
      `#!/bin/sh\nexec ${[process.execPath, ...words].map((word) => `'${word}'`).join(" ")} "$@"\n`,
      { mode: 0o755 },
    );
  program("relay", PROGRAM);
  for (const tool of ["kubectl", "gcloud"]) program(tool, STAND_IN, tool, home.path);
  const { bucketId } = await server.route();
  token = await server.token({ name: WORKFLOW.env.RELAY_TOKEN, scopes: { buckets: [bucketId], tunnels: [] } });
  writeFileSync(join(home.path, "stored"), JSON.stringify(token));
});
afterEach(async () => {
  await server.must("DELETE", `/v1/tokens/${token.key}`);
  home.remove();
});

/** Runs the steps of a job that call relay, as GitHub's runner does; resolves with the exit code and everything printed. */
async function runJob(name: string): Promise<{ readonly code: number | null; readonly printed: string }> {
  const job = WORKFLOW.jobs[name];
  if (job === undefined) throw new Error(`${FILE} has no job ${name}`);
  const scripts = job.steps.flatMap(({ run }) => (run?.includes("relay ") && !run.includes("npm ") ? [run] : []));
  expect(scripts).toHaveLength(2);
  let printed = "";
  for (const script of scripts) {
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd: home.path,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...WORKFLOW.env,
        ...job.env,
        HOME: home.path,
        TMPDIR: home.path,
        PATH: [join(home.path, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter),
        RELAY_API_ADDRESS: server.at.http,
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += chunk;
      });
    }
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    if (code !== 0) return { code, printed };
  }
  return { code: 0, printed };
}

async function works({ key, secret }: { key: string; secret: string }): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  return (await fetch(`${server.at.http}/v1/version`, { headers: { authorization } })).status === 200;
}

const stored = (): typeof token => JSON.parse(readFileSync(join(home.path, "stored"), "utf8"));

const calls = (): { args: string[]; environment: Record<string, string>; input: string }[] =>
  readFileSync(join(home.path, "calls.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test.each(JOBS)("the documented workflow rotates the token by itself and stores the new secret (%s)", async (name) => {
  const { code, printed } = await runJob(name);
  expect([code, printed]).toEqual([0, expect.stringContaining("Rotated token shop-agent")]);
  const next = stored();
  expect(next.key).toBe(token.key);
  expect(next.secret).not.toBe(token.secret);
  expect([await works(next), await works(token)]).toEqual([true, true]);
  // Threat: a secret in the log of the job, in arguments or in the environment of a command.
  const secrets = [token.secret, next.secret].flatMap((each) => [each, Buffer.from(each).toString("base64")]);
  const visible = [printed, ...calls().flatMap(({ args, environment }) => [...args, JSON.stringify(environment)])];
  for (const secret of secrets) expect(visible.filter((text) => text.includes(secret))).toEqual([]);
  expect(calls().filter(({ input }) => input.includes(next.secret))).not.toEqual([]);
  expect(server.output).not.toContain(next.secret);
  // And nothing stays on the runner's disk.
  const left = filesWith(home.path, [token.secret, next.secret]);
  expect(left.filter((path) => !/(stored|calls\.jsonl)$/.test(path))).toEqual([]);
});

test.each(JOBS)("a store that refuses the secret stops nothing, and the next run puts it right (%s)", async (name) => {
  writeFileSync(join(home.path, "forbidden"), "");
  const failed = await runJob(name);
  expect(failed.code).not.toBe(0);
  expect(failed.printed).toContain("its new secret could not be handed over");
  expect(failed.printed).toContain("so nothing has stopped");
  expect(stored()).toEqual(token);
  expect(await works(token)).toBe(true);
  rmSync(join(home.path, "forbidden"));
  expect((await runJob(name)).code).toBe(0);
  expect([await works(stored()), await works(token)]).toEqual([true, true]);
});

function filesWith(folder: string, texts: readonly string[]): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => texts.some((text) => readFileSync(path, "utf8").includes(text)));
}
