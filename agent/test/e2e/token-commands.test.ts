import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { agentHome, startAgentProcess } from "../agent-process.js";
import { relayEnvironment } from "./support/run-agent.js";

let server: TestServer;
let home: ReturnType<typeof agentHome>;
let token: { key: string; secret: string };
let count = 0;
let name: string;

beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server?.close());
beforeEach(async () => {
  home = agentHome();
  count += 1;
  name = `token ${count}`;
  token = await server.token({ name });
});
afterEach(() => home.remove());

async function relay(...args: string[]) {
  const started = startAgentProcess(args, relayEnvironment(server, home.path));
  const code = await started.exited;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

async function works(secret: string): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${token.key}:${secret}`).toString("base64")}`;
  return (await fetch(`${server.at.http}/v1/version`, { headers: { authorization } })).status === 200;
}

async function rotations(): Promise<number> {
  return (await server.must("GET", `/v1/tokens/${token.key}`)).secrets.length - 1;
}

test("threat: a secret on a terminal or in a log that nobody asked for; without a way for it nothing is rotated", async () => {
  const folder = join(home.path, "folder");
  mkdirSync(folder);
  for (const [args, message] of [
    [[], /say where the new secret goes/],
    [["--out", join(home.path, "x"), "--show"], /exclude each other/],
    [["--out", folder], /is not a file/],
    [["--out", "/dev/null"], /is not a file/],
    [["--out", join(home.path, "none", "x")], /cannot write in/],
  ] as const) {
    const { code, stdout, stderr } = await relay("token", "rotate", name, ...args);
    expect([code, stdout]).toEqual([args[0] === "--out" && args[1]?.includes("none") ? 1 : 2, ""]);
    expect(stderr).toMatch(message);
  }
  expect(await rotations()).toBe(0);
  expect(await works(token.secret)).toBe(true);
  expect(readdirSync(home.path)).toEqual(["folder"]);
});

test("writes a file of mode 600 in one piece, whatever was there, and prints no secret", async () => {
  const file = join(home.path, "token.json");
  writeFileSync(file, "before", { mode: 0o644 });
  const rotated = await relay("token", "rotate", name, "--grace", "2h", "--out", file);
  expect([rotated.code, rotated.stdout]).toEqual([0, ""]);
  const { key, secret } = JSON.parse(readFileSync(file, "utf8"));
  expect(key).toBe(token.key);
  expect(rotated.stderr).toMatch(/The old one is good until .* UTC \(2 h\)/);
  expect(rotated.stderr).not.toContain(secret);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect([await works(secret), await works(token.secret)]).toEqual([true, true]);
  expect(readdirSync(home.path)).toEqual(["token.json"]);
  const ended = await relay("token", "rotate", name, "--grace", "0", "--out", file, "--format", "env");
  expect(ended.stderr).toContain("The old one has ended");
  expect(readFileSync(file, "utf8")).toMatch(new RegExp(`^RELAY_KEY=${key}\nRELAY_SECRET=\\S{43}\n$`));
  expect(await works(secret)).toBe(false);
});

test("prints it when asked, and hands it to a command's standard input", async () => {
  const shown = await relay("token", "rotate", name, "--show", "--format", "secret");
  expect(await works(shown.stdout)).toBe(true);
  const file = join(home.path, "taken");
  const handed = await relay("token", "rotate", name, "--exec", `cat > '${file}'; echo stored`);
  expect([handed.code, handed.stdout]).toEqual([0, "stored\n"]);
  expect(await works(JSON.parse(readFileSync(file, "utf8")).secret)).toBe(true);
});

test("a command that fails after the rotation: says what holds, and what it says to do works", async () => {
  const failed = await relay("token", "rotate", name, "--grace", "90m", "--exec", "cat > /dev/null; exit 7");
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("the command ended with exit code 7");
  expect(failed.stderr).toContain("so nothing has stopped");
  expect(await works(token.secret)).toBe(true);
  expect(failed.stderr).toContain(`relay token rotate '${name}' --again --grace 5400s --exec 'COMMAND'`);
  const file = join(home.path, "token.json");
  expect((await relay("token", "rotate", name, "--again", "--grace", "5400s", "--out", file)).code).toBe(0);
  const { secret } = JSON.parse(readFileSync(file, "utf8"));
  expect([await works(secret), await works(token.secret)]).toEqual([true, true]);
  const end = await relay("token", "rotate", name, "--grace", "0", "--exec", "false");
  expect(end.stderr).toContain("whoever used it is locked out");
});

test("makes a token with a name and an end, and lists age, use and end", async () => {
  const file = join(home.path, "made.json");
  const made = await relay("token", "create", "made", "--no-api-access", "--expires-in", "90d", "--out", file);
  expect([made.code, made.stdout]).toEqual([0, ""]);
  const { key, secret } = JSON.parse(readFileSync(file, "utf8"));
  expect(made.stderr).not.toContain(secret);
  await relay("token", "rotate", "made", "--show");
  const { stdout } = await relay("token", "ls");
  const row = stdout.split("\n").find((line) => line.startsWith("made "));
  expect(row).toContain(key);
  expect(row).toMatch(/never +in \d+ d .*left, used never +disabled +all/);
  expect(JSON.parse((await relay("token", "inspect", "made")).stdout)).toMatchObject({ id: key, name: "made" });
  expect((await relay("token", "rm", "made")).code).toBe(0);
  expect((await relay("token", "inspect", "made")).stderr).toContain('There is no token "made"');
});
