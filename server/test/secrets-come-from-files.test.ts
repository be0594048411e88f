import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";
import { runWord } from "./support/run-word.js";
import { withTestDatabase } from "./support/test-postgres.js";
import { waitFor } from "./support/wait-for.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-secrets-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode });
  await chmod(path, mode);
  return path;
}

const newSecret = () => randomBytes(32).toString("base64url");

/** The status that the administrator's secret gets. */
async function statusOf(server: TestServer, secret: string): Promise<number> {
  const login = Buffer.from(`${server.adminKey}:${secret}`).toString("base64");
  return (await fetch(`${server.at.http}/v1/buckets`, { headers: { authorization: `Basic ${login}` } })).status;
}

test("database, status listener and administrator take their secrets from files, line break or not", async () => {
  const database = await withTestDatabase();
  const secret = newSecret();
  const server = await runServer({
    database: { url: "" },
    env: {
      DATABASE_URL_FILE: await put("database-url", `${database.url}\n`),
      STATUS_USERNAME: "monitor",
      STATUS_PASSWORD_FILE: await put("status-password", " with blanks \r\n"),
      ADMIN_API_SECRET: "",
      ADMIN_API_SECRET_FILE: await put("admin-secret", secret),
    },
  });
  try {
    expect(await statusOf(server, secret)).toBe(200);
    const login = Buffer.from("monitor: with blanks ").toString("base64");
    const health = await fetch(`${server.at.status}/healthz`, { headers: { authorization: `Basic ${login}` } });
    expect(health.status).toBe(200);
    expect(server.output).not.toContain(secret);
  } finally {
    await server.close();
    await database.close();
  }
});

test("POSTGRES_PASSWORD_FILE is the role's password, with everything in it", async () => {
  const database = await withTestDatabase();
  try {
    const url = new URL(database.url);
    const { code, stderr } = await runWord(["migrate"], {
      POSTGRES_HOST: decodeURIComponent(url.hostname),
      POSTGRES_USER: url.username,
      POSTGRES_DB: url.pathname.slice(1),
      POSTGRES_PASSWORD_FILE: await put("postgres-password", `${decodeURIComponent(url.password)}\n`),
    });
    expect([code, stderr]).toEqual([0, ""]);
  } finally {
    await database.close();
  }
});

test("what is wrong with a file is said with variable and file, never with what it holds", async () => {
  const hidden = "hush-hush";
  const directory = join(folder, "a-directory");
  await symlink(folder, directory);
  const cases: [string, RegExp][] = [
    [join(folder, "nowhere"), /cannot be read: ENOENT\./],
    [directory, /is not a file\./],
    [await put("empty", "\n"), /is empty: it must hold the secret\./],
    [await put("two-lines", `${hidden}\n${hidden}\n`), /must hold the secret and nothing else, in one line\./],
    [await put("huge", hidden.repeat(10_000)), /has 90000 bytes: that is not a secret/],
    [await put("short", hidden), /the value is not valid: it must be 16 to 72 bytes long/],
    [await put("open", hidden.repeat(3), 0o666), /can be changed by every user of this machine: chmod 600/],
  ];
  for (const [file, problem] of cases) {
    const { code, stdout, stderr } = await runWord(["migrate"], {
      ADMIN_API_KEY: "4cbd4b1c-0e0e-4d4e-9d0e-0d5a2a1c6c4e",
      ADMIN_API_SECRET_FILE: file,
    });
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(problem)]);
    expect(stderr).toContain("ADMIN_API_SECRET_FILE");
    expect(stderr).toContain(file);
    expect(stderr).not.toContain(hidden);
  }
});

test("a secret that is set twice, and a file for what is no secret, are pointed out", async () => {
  const both = await runWord(["migrate"], { STATUS_PASSWORD: "x", STATUS_PASSWORD_FILE: "/run/secrets/x" });
  expect([both.code, both.stderr]).toEqual([
    2,
    expect.stringContaining("STATUS_PASSWORD and STATUS_PASSWORD_FILE: set one of them."),
  ]);
  const plain = await runWord(["migrate"], {
    POSTGRES_USER_FILE: "/run/secrets/x",
    DATABASE_URL: "postgresql://127.0.0.1:1/x",
  });
  expect(plain.stderr).toContain("only secrets are read from files, set POSTGRES_USER.");
});

test("another secret in ADMIN_API_SECRET_FILE is taken over without a restart, and the one before is over", async () => {
  const [first, second, third] = [newSecret(), newSecret(), newSecret()];
  const file = await put("watched", `${first}\n`);
  const server = await runServer({ env: { ADMIN_API_SECRET: "", ADMIN_API_SECRET_FILE: file } });
  const other = await runServer({
    database: { url: server.database.url },
    dataDir: server.dataDir,
    env: { ADMIN_API_KEY: server.adminKey, ADMIN_API_SECRET: "", ADMIN_API_SECRET_FILE: file },
  });
  const takesOver = (secret: string) =>
    waitFor(
      "both servers to know the secret",
      async () => {
        const statuses = await Promise.all([
          statusOf(server, secret),
          fetch(`${other.at.http}/v1/buckets`, {
            headers: { authorization: `Basic ${Buffer.from(`${server.adminKey}:${secret}`).toString("base64")}` },
          }).then(({ status }) => status),
        ]);
        return statuses.every((status) => status === 200);
      },
      { timeoutMs: 20_000, everyMs: 200 },
    );
  try {
    expect(await statusOf(server, first)).toBe(200);
    // Replaced as a whole, as mounted secrets are.
    await rename(await put("watched.new", `${second}\n`), file);
    await takesOver(second);
    expect(await statusOf(server, first)).toBe(401);
    // What cannot be a secret changes nothing, and is said once.
    await writeFile(file, "short\n");
    await waitFor("the complaint", () => server.logged("administrator.secret-not-usable").length > 0, {
      timeoutMs: 20_000,
    });
    expect(await statusOf(server, second)).toBe(200);
    await writeFile(file, third);
    await takesOver(third);
    expect(server.logged("administrator.secret-not-usable")).toHaveLength(1);
    for (const secret of [first, second, third]) expect(server.output + other.output).not.toContain(secret);
  } finally {
    await other.close();
    await server.close();
  }
}, 90_000);
