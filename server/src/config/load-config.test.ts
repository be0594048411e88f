import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "./load-config.js";
import { parseValue, writeValue } from "./parse-value.js";
import { SETTINGS } from "./settings.js";

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env, () => {});
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function warningsOf(env: Record<string, string>): string[] {
  const warnings: string[] = [];
  loadConfig(env, (text) => warnings.push(text));
  return warnings;
}

test("an empty environment gives the defaults, frozen", () => {
  const config = loadConfig({ HTTP_API_PORT: "" });
  expect(config).toMatchObject({
    httpPort: 9301,
    listenAddress: "127.0.0.1",
    resumeWindowMs: 600_000,
    logLevel: "info",
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test("reads numbers, times, sizes, switches and lists", () => {
  const env = { HTTP_API_PORT: "8080", RESUME_WINDOW: "1h", MAX_BODY_BYTES: "1MiB", AGENT_PLAINTEXT_LOOPBACK: "yes" };
  expect(loadConfig({ ...env, TRUSTED_PROXIES: "10.0.0.0/8, ::1" })).toMatchObject({
    httpPort: 8080,
    resumeWindowMs: 3_600_000,
    maxBodyBytes: 1_048_576,
    agentPlaintext: true,
    trustedProxies: ["10.0.0.0/8", "::1"],
  });
});

test("every problem is listed at once, each with variable, problem and example", () => {
  expect(
    problemsOf({ HTTP_API_PORT: "http", RESUME_WINDOW: "10", LOG_LEVEL: "loud", LEASE_TIME: "1s", PUBLIC_URL: "x" }),
  ).toEqual([
    'HTTP_API_PORT: "http" is not a whole number. Example: HTTP_API_PORT=8080',
    'RESUME_WINDOW: "10" is not a time with a unit (ms, s, m, h, d). Example: RESUME_WINDOW=1h',
    'PUBLIC_URL: "x" is not valid: it must be an http or https URL without query. Example: PUBLIC_URL=https://hooks.example.com',
    'LEASE_TIME: "1s" is outside the range from 3s to 5m. Example: LEASE_TIME=5s',
    'LOG_LEVEL: "loud" is none of fatal, error, warn, info, debug, trace, silent. Example: LOG_LEVEL=debug',
  ]);
});

test("a secret that is wrong is not repeated", () => {
  const long = "s".repeat(73);
  const text = problemsOf({ ADMIN_API_SECRET: long, DATABASE_URL: "mysql://u:hidden@h/d" }).join("\n");
  expect(text).toContain("ADMIN_API_SECRET: the value is not valid: it must be 16 to 72 bytes long");
  expect(text).not.toContain(long);
  expect(text).not.toContain("hidden");
});

test.skipIf(process.platform === "win32")("a secret's file that all may read is taken, and its owner is warned", () => {
  const folder = mkdtempSync(join(tmpdir(), "relay-config-"));
  const file = join(folder, "password");
  try {
    writeFileSync(file, "hush-hush\n");
    const env = { STATUS_USERNAME: "monitor", STATUS_PASSWORD_FILE: file };
    chmodSync(file, 0o644);
    expect(warningsOf(env)).toEqual([
      `STATUS_PASSWORD_FILE: ${file} holds a secret and can be read by every user of this machine: chmod 600 ${file}`,
    ]);
    chmodSync(file, 0o640);
    expect(warningsOf(env)).toEqual([]);
    expect(loadConfig(env)).toMatchObject({ statusPassword: "hush-hush", secretFiles: { statusPassword: file } });
    expect(loadConfig({}).secretFiles).toEqual({});
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("half a pair is refused", () => {
  expect(problemsOf({ CERT_PATH: "/c.pem" })).toEqual([expect.stringContaining("CERT_PATH and CERT_KEY_PATH")]);
  expect(problemsOf({ HTTP_API_PORT: "9300" })).toEqual([expect.stringContaining("both are 9300")]);
});

test("a database is named whole or in parts, and never half", () => {
  const parts = { POSTGRES_HOST: "db:5432", POSTGRES_USER: "relay", POSTGRES_PASSWORD: "p@ss:/%" };
  expect(loadConfig(parts)).toMatchObject({ postgresHost: "db:5432", postgresPassword: "p@ss:/%" });
  expect(problemsOf({ ...parts, DATABASE_URL: "postgresql://db/relay" })).toEqual([
    "DATABASE_URL and POSTGRES_HOST: set one of them.",
  ]);
  expect(problemsOf({ POSTGRES_HOST: "db" })).toEqual(["POSTGRES_HOST: set POSTGRES_USER with it."]);
  expect(problemsOf({ POSTGRES_PASSWORD: "p" })).toEqual([
    "POSTGRES_PASSWORD: set POSTGRES_HOST with it, or DATABASE_URL alone.",
  ]);
  // As a file for a database's container has them beside it.
  expect(problemsOf({ POSTGRES_PASSWORD: "p", DATABASE_URL: "postgresql://db/relay" })).toEqual([]);
  for (const host of ["2001:db8::1", "[2001:db8::1]:5432", "192.0.2.1", "/var/run/postgresql"]) {
    expect(problemsOf({ ...parts, POSTGRES_HOST: host })).toEqual([]);
  }
  for (const host of ["postgresql://db", "db:port", "user@db", "db/relay"]) {
    expect(problemsOf({ ...parts, POSTGRES_HOST: host })).toEqual([expect.stringContaining("POSTGRES_HOST: ")]);
  }
});

test("names that other servers of this kind have are answered with what takes their place", () => {
  expect(warningsOf({ XDG_DATA_HOME: "/d", DB_MAX_IDLE_CONNS: "1", LOGS_RETENTION_JOB_SCHEDULE: "@midnight" })).toEqual(
    [
      "XDG_DATA_HOME is not used here: set RELAY_DATA_DIR.",
      expect.stringMatching(/^DB_MAX_IDLE_CONNS is not used here: .*DB_MAX_OPEN_CONNS/),
      expect.stringMatching(/^LOGS_RETENTION_JOB_SCHEDULE is not used here: .*LOGS_RETENTION_DAYS/),
    ],
  );
});

test("a misspelt variable is pointed out", () => {
  expect(
    warningsOf({ HTTP_APIPORT: "1", RELAY_HTTP_API_PORT: "1", RELAY_COLOUR: "1", RELAY_KEY: "k", PATH: "/" }),
  ).toEqual([
    "HTTP_APIPORT is not a setting of the server: did you mean HTTP_API_PORT?",
    "RELAY_HTTP_API_PORT is not a setting of the server: did you mean HTTP_API_PORT?",
    "RELAY_COLOUR is not a setting of the server: it has no effect.",
  ]);
  expect(warningsOf({ POSTGRES_USER_FILE: "/u", ADMIN_API_SECRETFILE: "/s" })).toEqual([
    "POSTGRES_USER_FILE is not a setting of the server: only secrets are read from files, set POSTGRES_USER.",
    "ADMIN_API_SECRETFILE is not a setting of the server: did you mean ADMIN_API_SECRET_FILE?",
  ]);
});

test.each(SETTINGS.filter(({ variable }) => variable !== "ADMIN_API_SECRET"))(
  "the example of $variable is valid",
  ({ variable, example }) => {
    expect(problemsOf({ [variable]: example }).filter((text) => !/: set /.test(text))).toEqual([]);
  },
);

test("what is written reads back: times and sizes", () => {
  fc.assert(
    fc.property(fc.constantFrom("duration", "bytes", "integer"), fc.nat(), (type, value) => {
      expect(parseValue(type, writeValue(type, value))).toEqual({ value });
    }),
  );
});
