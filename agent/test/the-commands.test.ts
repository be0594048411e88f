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

const OUTPUT = { id: "out-1", name: "shop", destination: "http://localhost:3000/hooks", internal: true };

/** A REST server with one token and one place for a bucket; keeps what was asked. */
let api: Listening;
let accepted: string;
/** Answers that differ from the usual ones. */
let unusual: Readonly<Record<string, [number, unknown]>>;
let asked: { readonly call: string; readonly body: unknown }[];
let home: ReturnType<typeof agentHome>;

beforeEach(async () => {
  home = agentHome();
  asked = [];
  unusual = {};
  accepted = `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString("base64")}`;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const call = `${request.method} ${request.url}`;
      asked.push({ call, body: body === "" ? null : JSON.parse(body) });
      if (request.headers.authorization !== accepted) return response.writeHead(401).end("Unauthorized");
      const created = asked.some((one) => one.call === "POST /v1/buckets");
      const answers: Readonly<Record<string, [number, unknown]>> = {
        "GET /v1/buckets": [200, created ? [BUCKET] : []],
        "POST /v1/buckets": [201, BUCKET],
        [`POST /v1/buckets/${BUCKET.id}/outputs`]: [201, { ...(body === "" ? {} : JSON.parse(body)), id: "out-1" }],
        [`PUT /v1/buckets/${BUCKET.id}/outputs/out-1`]: [200, { ...OUTPUT, ...(body === "" ? {} : JSON.parse(body)) }],
        [`DELETE /v1/buckets/${BUCKET.id}?force=true`]: [200, {}],
        "GET /v1/version": [200, { version: "9.9.9" }],
        "GET /v1/connected-clients": [200, { webhook_clients: [{ name: "box", client_type: "grpc" }] }],
      };
      const [status, answer] = unusual[call] ?? answers[call] ?? [404, "not here"];
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

  test("takes the secret as an argument, as the classic program does, and warns", async () => {
    const login = await relay(["login", "-k", KEY, "-s", SECRET]);
    expect(login.code).toBe(0);
    expect(login.stderr()).toContain("warning: a secret in the arguments can be seen by other users");
    expect(`${login.stdout()}${login.stderr()}`).not.toContain(SECRET);
  });

  test("keeps the account's API key under the name whr", async () => {
    unusual = { "GET /v1/buckets": [200, []] };
    accepted = `Basic ${Buffer.from("whr:sk-1").toString("base64")}`;
    expect((await relay(["login"], { RELAY_API_KEY: "sk-1" })).code).toBe(0);
    expect(JSON.parse(readFileSync(credentials(), "utf8"))).toMatchObject({ key: "whr", secret: "sk-1" });
    expect((await relay(["bucket", "ls"])).code).toBe(0);
  });

  test("a wrong secret ends with 3 and keeps nothing", async () => {
    const login = await relay(["login", "-k", KEY, "--secret-stdin"], {}, "wrong-one");
    expect(login.code).toBe(3);
    expect(login.stderr()).not.toContain("wrong-one");
    expect(existsSync(credentials())).toBe(false);
  });
});

test("relay inspect shows each attempt with its status, time and error", async () => {
  const attempts = [
    {
      attempt: 1,
      at: 1_800_000_000,
      status_code: 0,
      duration_ms: 12,
      error_class: "refused",
      error: "connection refused",
    },
    { attempt: 2, at: 1_800_000_005, status_code: 200, duration_ms: 3, error_class: "", error: "" },
  ];
  unusual = {
    "GET /v1/logs/log-1": [200, { id: "log-1", status: "sent" }],
    "GET /v1/logs/log-1/attempts": [200, { attempts }],
  };
  const shown = await relay(["inspect", "log-1"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET });
  expect(JSON.parse(shown.stdout())).toEqual({ id: "log-1", status: "sent", attempts });
});

describe("relay forward", () => {
  const token = { RELAY_KEY: KEY, RELAY_SECRET: SECRET };

  test("creates bucket and output when missing and prints the public URL", async () => {
    const forward = await relay(
      ["forward", "localhost:3000/hooks", "-b", "demo", "--no-agent", "--no-interactive"],
      token,
    );
    expect(forward.code).toBe(0);
    expect(forward.stdout()).toBe(`Forwarding:\n${api.url}/v1/webhooks/in-1 -> http://localhost:3000/hooks\n`);
    expect(asked.map(({ call }) => call)).toEqual([
      "GET /v1/buckets",
      "POST /v1/buckets",
      `POST /v1/buckets/${BUCKET.id}/outputs`,
    ]);
    expect(asked[2]?.body).toMatchObject({ destination: "http://localhost:3000/hooks", internal: true });
  });

  test("takes the bucket back when its output is refused", async () => {
    unusual = { [`POST /v1/buckets/${BUCKET.id}/outputs`]: [400, "destination: is not allowed"] };
    const forward = await relay(["forward", "localhost:3000/hooks", "-b", "demo", "--no-agent"], token);
    expect(forward.code).toBe(1);
    expect(forward.stdout()).toBe("");
    expect(forward.stderr()).toContain("destination: is not allowed");
    expect(asked.at(-1)?.call).toBe(`DELETE /v1/buckets/${BUCKET.id}?force=true`);
  });

  test("leaves a bucket that was there when its output is refused", async () => {
    unusual = {
      "GET /v1/buckets": [200, [BUCKET]],
      [`POST /v1/buckets/${BUCKET.id}/outputs`]: [400, "destination: is not allowed"],
    };
    expect((await relay(["forward", "localhost:3000/hooks", "-b", "demo", "--no-agent"], token)).code).toBe(1);
    expect(asked.map(({ call }) => call)).toEqual(["GET /v1/buckets", `POST /v1/buckets/${BUCKET.id}/outputs`]);
  });

  test.each([
    ["forward", "https://hooks.example.com/", "-b", "demo", "-f", "change"],
    ["output", "create", "one", "-d", "https://hooks.example.com/", "-b", "demo", "--function", "change"],
  ])("%s %s makes a public output with a function, and needs no agent", async (...args) => {
    unusual = { "GET /v1/buckets": [200, [BUCKET]] };
    expect((await relay([...args, "--type", "public"], token)).code).toBe(0);
    expect(asked.at(-1)).toMatchObject({
      call: `POST /v1/buckets/${BUCKET.id}/outputs`,
      body: { destination: "https://hooks.example.com/", internal: false, function: "change" },
    });
  });

  test("relay input create --function names the function", async () => {
    const call = `POST /v1/buckets/${BUCKET.id}/inputs`;
    unusual = { "GET /v1/buckets": [200, [BUCKET]], [call]: [201, { id: "in-2", name: "two" }] };
    expect((await relay(["input", "create", "two", "-b", "demo", "--function", "change"], token)).code).toBe(0);
    expect(asked.at(-1)).toMatchObject({ call, body: { name: "two", function: "change" } });
  });

  test("relay input create --response-from has senders wait for a destination", async () => {
    const call = `POST /v1/buckets/${BUCKET.id}/inputs`;
    unusual = { "GET /v1/buckets": [200, [BUCKET]], [call]: [201, { id: "in-2", name: "two" }] };
    const flags = ["--response-from", "anyOutput", "--response-timeout", "25"];
    expect((await relay(["input", "create", "two", "-b", "demo", ...flags], token)).code).toBe(0);
    const body = { name: "two", response_from_output: "anyOutput", response_timeout: 25 };
    expect(asked.at(-1)).toMatchObject({ call, body });
  });

  test("threat: a destination that is not HTTP is refused before anything is created", async () => {
    expect((await relay(["forward", "file:///etc/passwd", "-b", "demo"], token)).code).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe("relay output update", () => {
  const token = { RELAY_KEY: KEY, RELAY_SECRET: SECRET };

  test("sends what is to change and nothing else", async () => {
    unusual = { "GET /v1/buckets": [200, [{ ...BUCKET, outputs: [OUTPUT] }]] };
    const args = ["output", "update", "shop", "--bucket", "demo", "--destination", "http://localhost:4000"];
    const update = await relay([...args, "--timeout", "60"], token);
    expect(update.stdout()).toBe("Updated output shop (out-1): http://localhost:4000\n");
    expect(update.code).toBe(0);
    expect(asked.at(-1)).toEqual({
      call: `PUT /v1/buckets/${BUCKET.id}/outputs/out-1`,
      body: { destination: "http://localhost:4000", timeout: 60 },
    });
  });

  test.each([[[], /nothing to change/]])("%j is wrong usage", async (args, words) => {
    const refused = await relay(["output", "update", "shop", "-b", "demo", ...args], token);
    expect([refused.code, asked]).toEqual([2, []]);
    expect(refused.stderr()).toMatch(words);
  });
});

describe("threat: the token in plain text over a network", () => {
  const token = { RELAY_KEY: KEY, RELAY_SECRET: SECRET, RELAY_API_ADDRESS: "http://192.0.2.1:9301" };

  test.each([
    ["bucket", "ls"],
    ["status"],
    ["forward", "localhost:3000", "-b", "demo"],
    ["api", "buckets"],
    ["login", "-k", KEY],
  ])("%s %s is refused before anything is sent, also with RELAY_REQUIRE_TLS=false", async (...args) => {
    const refused = await relay(args, token);
    expect(refused.code).toBe(2);
    expect(refused.stderr()).toMatch(/refusing to send the token in plain text.*https:\/\/192\.0\.2\.1:9300/);
  });

  test("loopback needs no switch", async () => {
    const done = await relay(["bucket", "ls"], { ...token, RELAY_API_ADDRESS: api.url, RELAY_REQUIRE_TLS: "" });
    expect(done.code).toBe(0);
  });
});

describe("exit codes", () => {
  const token = { RELAY_KEY: KEY, RELAY_SECRET: SECRET };

  test.each([
    [["status"], {}, 3, /not logged in/],
    [["status"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET }, 0, /server 9.9.9.*box/s],
    [["status"], { RELAY_KEY: KEY, RELAY_SECRET: "other" }, 3, /does not accept/],
    [["status"], { RELAY_API_ADDRESS: "http://127.0.0.1:1" }, 4, /cannot reach/],
    [["bucket", "ls"], {}, 3, /relay login/],
    [["bucket", "inspect", "nope"], { RELAY_KEY: KEY, RELAY_SECRET: SECRET }, 1, /no bucket "nope"/],
    [["bucket", "ls"], { RELAY_KEY: KEY }, 2, /RELAY_SECRET is not/],
    [["frobnicate"], {}, 2, /unknown command(?!.*Did you mean)/],
    [["bukets"], {}, 2, /unknown command 'bukets'. Did you mean bucket\?/],
    [["bogus"], {}, 2, /unknown command(?!.*Did you mean)/],
    [["bucket", "inspekt"], {}, 2, /Did you mean inspect\?/],
    [["resend"], token, 2, /needs a log id, or --bucket/],
    [["resend", "some-id", "--bucket", "demo"], token, 2, /not both/],
    [["resend", "some-id", "--dry-run"], token, 2, /not both/],
    [["resend", "--bucket", "demo", "--rate", "0"], token, 2, /whole number from 1 to 10000/],
    [["events"], token, 2, /required option '-b, --bucket <bucket>'/],
    [["events", "--bucket", "demo", "--limit", "none"], token, 2, /whole number from 1/],
    [["resend", "--bucket", "demo", "--status", "preparing"], {}, 2, /Allowed choices are stalled/],
    [["resend", "--bucket", "demo", "--from", "yesterday"], {}, 2, /2026-01-31T12:00:00Z/],
    [["logs", "--status", "bad"], {}, 2, /Allowed choices are preparing, received, sent/],
    [["input", "create", "x", "-b", "demo", "--status-code", "199"], {}, 2, /whole number from 200 to 599/],
    [["run", "--mode", "tunnel"], token, 2, /tunnels are not in this version/],
    [["run", "-t", "home"], token, 2, /tunnels are not in this version/],
    [["run", "--mode", "other"], token, 2, /Allowed choices are forward, tunnel/],
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
