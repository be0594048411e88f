import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Listening, listenOnLoopback } from "../../server/test/support/listen-on-loopback.js";
import { type AgentProcess, agentEnvironment, agentHome, startAgentProcess } from "./agent-process.js";

const KEY = "4b1c6f0e-0000-4000-8000-000000000001";
const SECRET = "s3cret-of-the-test";
const BUCKET = {
  id: "00000000-0000-4000-8000-0000000000b1",
  name: "demo",
  inputs: [{ id: "in-1", name: "Default public endpoint" }],
};

/** A REST server with one token and one place for a bucket; keeps what was asked. */
let api: Listening;
let asked: { readonly call: string; readonly body: unknown }[];
let home: ReturnType<typeof agentHome>;

beforeEach(async () => {
  home = agentHome();
  asked = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const call = `${request.method} ${request.url}`;
      asked.push({ call, body: body === "" ? null : JSON.parse(body) });
      const expected = `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString("base64")}`;
      if (request.headers.authorization !== expected) return response.writeHead(401).end("Unauthorized");
      const created = asked.some((one) => one.call === "POST /v1/buckets");
      const answers: Readonly<Record<string, [number, unknown]>> = {
        "GET /v1/buckets": [200, created ? [BUCKET] : []],
        "POST /v1/buckets": [201, BUCKET],
        [`POST /v1/buckets/${BUCKET.id}/outputs`]: [201, { ...(body === "" ? {} : JSON.parse(body)), id: "out-1" }],
        "GET /v1/version": [200, { version: "9.9.9" }],
        "GET /v1/connected-clients": [200, { webhook_clients: [{ name: "box", client_type: "grpc" }] }],
      };
      const [status, answer] = answers[call] ?? [404, "not here"];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      return undefined;
    });
  });
  api = await listenOnLoopback(server);
});
afterEach(async () => {
  await api.stop();
  home.remove();
});

/** Runs a command to its end without credentials in the environment. */
async function relay(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: string,
): Promise<AgentProcess & { code: number | null }> {
  const {
    RELAY_KEY: _key,
    RELAY_SECRET: _secret,
    ...rest
  } = agentEnvironment({ grpcAddress: "127.0.0.1:1", webSocketAddress: "ws://127.0.0.1:1" }, home.path);
  const started = startAgentProcess(args, { ...rest, RELAY_API_ADDRESS: api.url, ...env }, input);
  return { ...started, code: await started.exited };
}

const credentials = (): string => join(home.path, "config", "credentials.json");

describe("relay login", () => {
  test("takes the secret from standard input, proves it and keeps it for this user only", async () => {
    const login = await relay(["login", "-k", KEY, "--secret-stdin"], {}, `${SECRET}\n`);
    expect(login.code).toBe(0);
    expect(login.stdout()).not.toContain(SECRET);
    expect(statSync(credentials()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(credentials(), "utf8"))).toMatchObject({
      key: KEY,
      secret: SECRET,
      apiAddress: api.url,
    });
    // The server of the login is used from now on.
    expect((await relay(["bucket", "ls"], { RELAY_API_ADDRESS: "" })).code).toBe(0);
    expect((await relay(["logout"])).code).toBe(0);
    expect(existsSync(credentials())).toBe(false);
  });

  test("asks for what is missing, line by line", async () => {
    expect((await relay(["login"], {}, `${KEY}\n${SECRET}\n`)).code).toBe(0);
    expect(existsSync(credentials())).toBe(true);
  });

  test("a wrong secret ends with 3 and keeps nothing", async () => {
    const login = await relay(["login", "-k", KEY, "--secret-stdin"], {}, "wrong-one");
    expect(login.code).toBe(3);
    expect(login.stderr()).not.toContain("wrong-one");
    expect(existsSync(credentials())).toBe(false);
  });
});

describe("relay forward", () => {
  const token = { RELAY_KEY: KEY, RELAY_SECRET: SECRET };

  test("creates bucket and output when missing and prints the public URL", async () => {
    const forward = await relay(["forward", "localhost:3000/hooks", "-b", "demo", "--no-agent"], token);
    expect(forward.code).toBe(0);
    expect(forward.stdout()).toBe(`Forwarding:\n${api.url}/v1/webhooks/in-1 -> http://localhost:3000/hooks\n`);
    expect(asked.map(({ call }) => call)).toEqual([
      "GET /v1/buckets",
      "POST /v1/buckets",
      `POST /v1/buckets/${BUCKET.id}/outputs`,
    ]);
    expect(asked[2]?.body).toMatchObject({ destination: "http://localhost:3000/hooks", internal: true });
  });

  test("threat: a destination that is not HTTP is refused before anything is created", async () => {
    expect((await relay(["forward", "file:///etc/passwd", "-b", "demo"], token)).code).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe("exit codes", () => {
  test.each([
    [["status"], {}, 3, /not logged in/],
    [["status"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET }, 0, /server 9.9.9.*box/s],
    [["status"], { RELAY_KEY: KEY, RELAY_SECRET: "other" }, 3, /does not accept/],
    [["status"], { RELAY_API_ADDRESS: "http://127.0.0.1:1" }, 4, /cannot reach/],
    [["bucket", "ls"], {}, 3, /relay login/],
    [["bucket", "inspect", "nope"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET }, 1, /no bucket "nope"/],
    [["bucket", "ls"], { RELAY_KEY: KEY }, 2, /RELAY_SECRET is not/],
    [["frobnicate"], {}, 2, /unknown command/],
    [["run", "--window", "many"], {}, 2, /whole number/],
    [["run", "-c", "/nowhere/relay.yaml"], {}, 2, /cannot read/],
    [["run", "--allow", "ftp://x"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET }, 2, /--allow takes/],
    [["--help"], {}, 0, /Exit codes/],
  ] as const)("%j with %j ends with %i", async (args, env, code, words) => {
    const done = await relay(args, env);
    expect(`${done.stdout()}${done.stderr()}`).toMatch(words);
    expect(done.code).toBe(code);
  });
});
