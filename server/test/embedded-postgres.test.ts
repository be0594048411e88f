import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../src/postgres/embedded-postgres.js";
import { queryOnce } from "./support/query-once.js";

const logger = pino({ level: "silent" });
const HOLDER = fileURLToPath(new URL("./support/hold-data-dir.mjs", import.meta.url));

let top: string;
let dataDir: string;
const running: EmbeddedPostgres[] = [];
const processes: ChildProcess[] = [];

beforeEach(async () => {
  // Mode 700, as mktemp -d makes it: as root, PostgreSQL's user may not even enter the folder.
  top = await mkdtemp(join(tmpdir(), "relay-embedded-"));
  dataDir = top;
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
  for (const postgres of running.splice(0)) await postgres.stop();
  const left = await postmasterPid().catch(() => undefined);
  if (left !== undefined) process.kill(left, "SIGINT");
  await rm(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  running.push(postgres);
  return postgres;
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, "postgres/cluster/data/postmaster.pid"), "utf8")).split("\n")[0]);
}

async function holdInOtherProcess(): Promise<{ child: ChildProcess; answer: Record<string, unknown> }> {
  const child = fork(HOLDER, [dataDir]);
  processes.push(child);
  const [answer] = (await once(child, "message")) as [Record<string, unknown>];
  return { child, answer };
}

test("keeps data from start to start, with durable settings and private files", async () => {
  const first = await start();
  await queryOnce(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
  const { rows } = await queryOnce(
    first.url,
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')",
  );
  expect(rows.map((row) => row.setting)).toEqual(["on", "on", "on", "on"]);
  await first.stop();
  await expect(queryOnce(first.url, "SELECT 1")).rejects.toThrow();

  const second = await start();
  expect(second.tookOver).toBe(false);
  expect((await queryOnce(second.url, "SELECT answer FROM kept")).rows).toEqual([{ answer: 42 }]);
  expect((await stat(join(dataDir, "postgres"))).mode & 0o077).toBe(0);
  expect((await stat(join(dataDir, "postgres/cluster/password"))).mode & 0o777).toBe(0o600);
});

test("the server's role is no superuser and the password is in no process's arguments", async () => {
  const { url } = await start();
  expect((await queryOnce(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).rows).toEqual([
    { rolsuper: false },
  ]);
  const password = new URL(url).password;
  for (const pid of (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).not.toContain(password);
  }
});

test("takes over the PostgreSQL that a killed server left running", async () => {
  const { child } = await holdInOtherProcess();
  const pid = await postmasterPid();
  child.kill("SIGKILL");
  await once(child, "exit");
  const next = await start();
  expect(next.tookOver).toBe(true);
  expect(await postmasterPid()).toBe(pid);
});

test("refuses a data directory that another server uses, and leaves that server alone", async () => {
  const { child, answer } = await holdInOtherProcess();
  await expect(startEmbeddedPostgres({ dataDir, logger })).rejects.toThrow(
    `Another Relay server (relay-server pid ${child.pid}) runs on the data directory ${dataDir}`,
  );
  expect((await queryOnce(String(answer.url), "SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  child.send("stop");
  await once(child, "exit");
  await expect(postmasterPid()).rejects.toThrow("ENOENT");
});

test("two servers that start at once on a new data directory: one gets it", async () => {
  const both = await Promise.all([holdInOtherProcess(), holdInOtherProcess()]);
  const errors = both.flatMap(({ answer }) => (answer.error === undefined ? [] : [answer.error]));
  expect(errors).toEqual([expect.stringContaining("Another Relay server")]);
});

test("starts after PostgreSQL and its server were both killed, and after its process id went to somebody else", async () => {
  const { child, answer } = await holdInOtherProcess();
  await queryOnce(String(answer.url), "CREATE TABLE kept AS SELECT 1 AS one");
  child.kill("SIGKILL");
  await once(child, "exit");
  process.kill(await postmasterPid(), "SIGKILL");
  const file = join(dataDir, "postgres/cluster/data/postmaster.pid");
  const stale = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, [String(process.pid), ...stale.slice(1)].join("\n"));
  const next = await start();
  expect(next.tookOver).toBe(false);
  expect((await queryOnce(next.url, "SELECT one FROM kept")).rows).toEqual([{ one: 1 }]);
});

test("restarts PostgreSQL when it dies while the server runs", async () => {
  const { url } = await start();
  await queryOnce(url, "CREATE TABLE kept AS SELECT 1 AS one");
  const pid = await postmasterPid();
  process.kill(pid, "SIGKILL");
  await vi.waitFor(async () => expect(await postmasterPid()).not.toBe(pid), { timeout: 20_000 });
  await vi.waitFor(async () => expect((await queryOnce(url, "SELECT one FROM kept")).rowCount).toBe(1), {
    timeout: 20_000,
  });
});

test("an interrupted creation is thrown away and done again", async () => {
  // What a creation that was killed leaves: a folder named after a process that is gone.
  const left = join(dataDir, "postgres/cluster.new-4194999-abcd");
  await mkdir(join(left, "data/base"), { recursive: true });
  await writeFile(join(left, "password"), "half");
  const { url } = await start();
  expect((await queryOnce(url, "SELECT 1 AS one")).rowCount).toBe(1);
  await expect(stat(left)).rejects.toThrow("ENOENT");
});

test("a path too long for a Unix socket works", async () => {
  dataDir = join(top, "a".repeat(60), "b".repeat(60));
  await mkdir(dataDir, { recursive: true });
  const postgres = await start();
  expect((await queryOnce(postgres.url, "SELECT 1 AS one")).rowCount).toBe(1);
  const socketDir = decodeURIComponent(new URL(postgres.url).hostname);
  expect((await stat(socketDir)).mode & 0o777).toBe(0o700);
  await postgres.stop();
  await expect(stat(socketDir)).rejects.toThrow("ENOENT");
});
