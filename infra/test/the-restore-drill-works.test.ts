import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { mustSucceed, startCommand } from "../../provider-schema/test/support/run-command.js";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { findSystemPostgres, startSystemPostgres } from "../../server/test/support/system-postgres.js";
import { readPage } from "./support/runbooks/pages.js";
import { relayOnPath } from "./support/runbooks/relay-on-path.js";

const PAGE = readPage("docs/operate/restore.md");
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The one block of the page that has this in it. */
function script(part: string): string {
  const found = PAGE.blocks.filter(({ text }) => text.includes(part));
  if (found.length !== 1) throw new Error(`docs/operate/restore.md has ${found.length} blocks with ${part}.`);
  return found[0]?.text ?? "";
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "relay-drill-"));
  // The private PostgreSQL runs as another user when we are root.
  await chmod(folder, 0o711);
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function shell(text: string, cwd: string, env: Record<string, string> = {}): Promise<string> {
  const path = [await relayOnPath(cwd), dirname(process.execPath), env.PATH ?? "", process.env.PATH ?? ""];
  const { stdout } = mustSucceed(
    await startCommand("bash", ["-euo", "pipefail", "-c", text], {
      cwd,
      env: { HOME: cwd, ...env, PATH: path.join(delimiter) },
    }).done,
  );
  return stdout;
}

/** What the page looks at afterwards, asked of this server. */
function look(server: TestServer, cwd: string): Promise<string> {
  const text = script("relay logs --bucket drill").replace("http://localhost:9301", server.at.http);
  return shell(text, cwd, { RELAY_KEY: server.adminKey, RELAY_SECRET: server.adminSecret });
}

async function server(options: Parameters<typeof runServer>[0]): Promise<TestServer> {
  const started = await runServer(options);
  cleanups.push(() => started.close());
  return started;
}

/** Posts a webhook; resolves with the id of its log entry, for it waits for an agent that never comes. */
async function post(to: TestServer, path: string, body: string): Promise<string> {
  expect((await fetch(to.at.http + path, { method: "POST", body })).status).toBe(200);
  const { data } = await to.must("GET", "/v1/logs?limit=1");
  return data[0].id;
}

/** The restored server has what was there, readable, and not what came after. */
async function expectRestored(restored: TestServer, cwd: string, kept: string, lost: string): Promise<void> {
  const looked = await look(restored, cwd);
  expect(looked).toContain("drill");
  expect(looked).toContain(kept);
  expect(looked).not.toContain(lost);
  const entry = await restored.must("GET", `/v1/logs/${kept}`);
  expect(JSON.stringify(entry)).toContain("before the dump");
}

test("a dump goes into another database, and the same key file opens it", async () => {
  const programs = await findSystemPostgres();
  if (programs === undefined) {
    const missing = "PostgreSQL 15 or newer is not installed in /usr/lib/postgresql (apt-get install postgresql)";
    if (process.env.CI === "true") throw new Error(`${missing}, and CI must prove that a dump can be restored.`);
    console.warn(`NOT TESTED: ${missing}, so this did not prove that a dump can be restored.`);
    return;
  }
  const [from, to] = await Promise.all([startSystemPostgres(programs), startSystemPostgres(programs)]);
  cleanups.push(
    () => from.stop(),
    () => to.stop(),
  );
  const folder = await newFolder();
  const dataDir = join(folder, ".relay");
  const env = { DATABASE_URL: from.url, DRILL_URL: to.url, PATH: programs };
  const [dump = "", restore = ""] = script("pg_dump").split(/(?=^pg_restore)/m);

  const first = await server({ database: { url: from.url }, dataDir });
  const { path } = await first.route({ bucket: { name: "drill" } });
  const kept = await post(first, path, "before the dump");
  await shell(dump, folder, env);
  const lost = await post(first, path, "after the dump");
  await first.kill();

  await shell(restore, folder, env);
  await expectRestored(await server({ database: { url: to.url }, dataDir }), folder, kept, lost);
}, 120_000);

test("a copy of the data directory, with the private PostgreSQL in it, is a relay", async () => {
  const folder = await newFolder();
  const first = await server({ database: "embedded", dataDir: join(folder, ".relay") });
  const { path } = await first.route({ bucket: { name: "drill" } });
  const kept = await post(first, path, "before the dump");
  await first.kill();
  const [copy = ""] = script("cp -a").split("\n");
  await shell(copy, folder);
  await first.start();
  const lost = await post(first, path, "after the dump");
  await expectRestored(
    await server({ database: "embedded", dataDir: join(folder, "relay-drill") }),
    folder,
    kept,
    lost,
  );
}, 120_000);
