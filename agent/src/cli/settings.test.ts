import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveSettings } from "./settings.js";
import { writeUserFile } from "./user-file.js";

let config = "";
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), "relay-settings-"));
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

describe("settings", () => {
  test("default to a server on this machine", () => {
    expect(resolveSettings({ config }, {})).toMatchObject({
      apiAddress: "http://localhost:9301",
      grpcAddress: "localhost:9302",
      webSocketAddress: "wss://localhost:9300",
      requireTls: true,
      insecure: false,
      credentials: null,
    });
  });

  test("follow the API address", () => {
    expect(resolveSettings({ config, server: "https://relay.example.com:8443/" }, {})).toMatchObject({
      apiAddress: "https://relay.example.com:8443",
      grpcAddress: "relay.example.com:9302",
      webSocketAddress: "wss://relay.example.com:8443",
    });
  });

  test("flag before environment before run file before login", () => {
    writeUserFile(config, { key: "user", secret: "us", apiAddress: "http://user:1" });
    const runFile = { key: "run", secret: "rs", server: "http://run:1", buckets: [], allow: [] };
    const env = { RELAY_KEY: "env", RELAY_SECRET: "es", RELAY_API_ADDRESS: "http://env:1" };
    expect(resolveSettings({ config }, {})).toMatchObject({
      apiAddress: "http://user:1",
      credentials: { key: "user", secret: "us" },
    });
    expect(resolveSettings({ config }, {}, runFile)).toMatchObject({
      apiAddress: "http://run:1",
      credentials: { key: "run" },
    });
    expect(resolveSettings({ config }, env, runFile)).toMatchObject({
      apiAddress: "http://env:1",
      credentials: { key: "env" },
    });
    expect(resolveSettings({ config, server: "http://flag:1" }, env, runFile).apiAddress).toBe("http://flag:1");
  });

  test("a key without its secret is told, not mixed with another's", () => {
    writeUserFile(config, { key: "user", secret: "us" });
    expect(() => resolveSettings({ config }, { RELAY_KEY: "other" })).toThrow(/RELAY_SECRET is not/);
    expect(resolveSettings({ config }, { RELAY_KEY: "user" }).credentials).toMatchObject({ key: "user", secret: "us" });
  });

  test("the account's API key stands in when no token is given", () => {
    writeUserFile(config, { key: "user", secret: "us" });
    const account = { key: "whr", secret: "sk-1" };
    expect(resolveSettings({ config }, { RELAY_API_KEY: "sk-1" }).credentials).toMatchObject(account);
    const env = { RELAY_API_KEY: "sk-1", RELAY_KEY: "k", RELAY_SECRET: "s" };
    expect(resolveSettings({ config }, env).credentials).toMatchObject({ key: "k", secret: "s" });
    expect(resolveSettings({ config, key: "f", secret: "fs" }, env).credentials).toMatchObject({
      key: "f",
      secret: "fs",
    });
  });

  test.each([
    [{ RELAY_API_ADDRESS: "relay.example.com" }, /not an http or https URL/],
    [{ RELAY_GRPC_API_ADDRESS: "a b" }, /not host:port/],
    [{ RELAY_WS_ADDRESS: "ftp://x" }, /RELAY_WS_ADDRESS/],
    [{ RELAY_INSECURE: "maybe" }, /RELAY_INSECURE is "maybe"/],
  ])("a wrong value names its variable: %j", (env, message) => {
    expect(() => resolveSettings({ config }, env)).toThrow(message);
  });

  test("the login file is readable by its user only", () => {
    expect(statSync(writeUserFile(config, { key: "k", secret: "s" })).mode & 0o777).toBe(0o600);
  });
});

describe("credentials from a file", () => {
  const put = (name: string, text: string, mode = 0o600): string => {
    const path = join(config, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test("a token file, and a secret file beside a key, by flag or variable; the flag goes before the environment", () => {
    const tokenFile = put("token.json", '{"key":"k","secret":"from-file"}');
    const secretFile = put("secret", "from-file\n");
    const env = { RELAY_KEY: "k", RELAY_SECRET: "s" };
    for (const [flags, variables] of [
      [{ tokenFile }, env],
      [{ secretFile }, env],
      [{}, { RELAY_TOKEN_FILE: tokenFile }],
      [{}, { RELAY_KEY: "k", RELAY_SECRET_FILE: secretFile }],
    ] as const) {
      const { credentials } = resolveSettings({ config, ...flags }, variables);
      expect(credentials).toMatchObject({ key: "k", secret: "from-file" });
      expect(credentials?.file?.read()).toEqual({ key: "k", secret: "from-file" });
    }
    expect(resolveSettings({ config, key: "f", secret: "fs" }, { RELAY_TOKEN_FILE: tokenFile }).credentials).toEqual({
      key: "f",
      secret: "fs",
      file: null,
    });
  });

  test("two sources at once, no key, and what is no credentials file are told", () => {
    const file = put("token.json", "{}");
    const secret = put("secret", "a\nb\n");
    const resolve = (env: Record<string, string>) => () => resolveSettings({ config }, env);
    expect(resolve({ RELAY_TOKEN_FILE: file, RELAY_SECRET_FILE: secret })).toThrow(/exclude each other/);
    expect(resolve({ RELAY_SECRET: "s", RELAY_KEY: "k", RELAY_TOKEN_FILE: file })).toThrow(/unset one/);
    expect(resolve({ RELAY_SECRET_FILE: secret })).toThrow(/set RELAY_KEY/);
    expect(resolve({ RELAY_TOKEN_FILE: file })).toThrow(/is not a token file/);
    expect(resolve({ RELAY_TOKEN_FILE: join(config, "none") })).toThrow(/cannot read .*none/);
    expect(resolve({ RELAY_SECRET_FILE: secret, RELAY_KEY: "k" })).toThrow(/in one line/);
  });

  test("threat: credentials that any user of the machine can put in place", () => {
    const file = put("token.json", '{"key":"k","secret":"hunter2"}', 0o606);
    const error = () => resolveSettings({ config }, { RELAY_TOKEN_FILE: file });
    expect(error).toThrow(/can be changed by every user of this machine: chmod 600/);
    expect(error).not.toThrow(/hunter2/);
  });
});
