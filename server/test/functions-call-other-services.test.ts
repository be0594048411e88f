import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowedDestinations } from "../src/destination/guard/allowed-destinations.js";
import { createDestinationGuard } from "../src/destination/guard/destination-guard.js";
import { dnsResolver } from "../src/destination/guard/resolve-host.js";
import { guardedHttp } from "../src/function-http/guarded-http.js";
import type { FunctionDriver } from "../src/functions/function-call.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { type DnsServer, startDnsServer } from "./support/dns-server.js";
import { bodyOf, done, functionCall } from "./support/function-call.js";
import { waitFor } from "./support/wait-for.js";

const DRIVERS = ["js", "lua"] as const;

let dns: DnsServer;
let service: Server;
let base: string;
const seen: {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  raw: readonly string[];
  body: string;
}[] = [];
const held = new Set<ServerResponse>();
const runners: FunctionRunner[] = [];

/** A runner that may call loopback and knows the names of the test's own DNS server, unless it is told otherwise. */
function runnerWith({
  allow = ["127.0.0.0/8"],
  ...options
}: {
  allow?: string[];
  workers?: number;
} = {}): FunctionRunner {
  const guard = createDestinationGuard({
    allowed: allowedDestinations(allow),
    resolve: dnsResolver({ servers: [dns.address], timeoutMs: 1_000, tries: 1 }),
  });
  const http = guardedHttp({ guard, proxy: null });
  const runner = new FunctionRunner({ deadlineMs: 10_000, waitMs: 60_000, http, ...options });
  runners.push(runner);
  return runner;
}

let runner: FunctionRunner;
let strict: FunctionRunner;

beforeAll(async () => {
  dns = await startDnsServer(() => ["127.0.0.1"]);
  service = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("latin1")) body += piece;
    const { method = "", url = "", headers, rawHeaders } = request;
    seen.push({ method, url, headers, raw: rawHeaders, body });
    answer(url.split("?", 1)[0] ?? "", response);
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  runner = runnerWith({ workers: 2 });
  strict = runnerWith({ workers: 1, allow: [] });
});

afterAll(async () => {
  await Promise.all(runners.map((each) => each.stop()));
  service.closeAllConnections();
  service.close();
  dns.close();
});

function answer(path: string, response: ServerResponse): void {
  switch (path) {
    case "/hang":
      held.add(response);
      return;
    case "/huge":
      response.end(Buffer.alloc(300 << 10, "x"));
      return;
    case "/large":
      response.end(Buffer.alloc(256 << 10, "x"));
      return;
    case "/breaks-off":
      response.writeHead(200, { "content-length": "1000" });
      response.write("half");
      setImmediate(() => response.destroy());
      return;
    case "/redirect":
      response.writeHead(302, { location: `${base}/secret` }).end();
      return;
    case "/missing":
      response.writeHead(404).end("no such thing");
      return;
    default:
      response.writeHead(201, { "Content-Type": "application/json", "X-Two": ["a", "b"] });
      response.end('{"city":"Zürich"}');
  }
}

/** What a function gets told of a call: its status and body, or the reason why there is none. */
const ASK: Readonly<Record<FunctionDriver, string>> = {
  js: 'try { const a = http.request("GET", cfg.get("URL")); r.setBody(a.status + " " + a.body); } catch (e) { r.setBody("none: " + e.message); }',
  lua: `local a, err = require("http").request("GET", cfg:GetValue("URL"))
    if err then r:SetRequestBody("none: " .. err) else r:SetRequestBody(a.status_code .. " " .. a.body) end`,
};

async function ask(url: string, { by = runner, driver = "js" as FunctionDriver } = {}): Promise<string> {
  return bodyOf(await by.run(functionCall(ASK[driver], { driver, variables: { URL: url } })));
}

describe.each(DRIVERS)("%s", (driver) => {
  it("sends method, query, headers and body, and gets status, headers and body", async () => {
    const source = {
      js: `const a = require("http").request("put", cfg.get("URL"), {
        query: { id: 7, tag: ["x y", "ü"] }, headers: { "X-Key": "k", "Content-Type": "text/plain" },
        body: new Uint8Array([255, 0, 1]), timeout: "5s",
      });
      r.setBody(JSON.stringify([a.status, a.statusCode, a.status_code, a.headers["X-TWO"], a.headers["content-type"], JSON.parse(a.body).city]));`,
      lua: String.raw`local json = require("json")
      local a = assert(require("http").request("put", cfg:GetValue("URL"), {
        query = { id = 7, tag = { "x y", "ü" } }, headers = { ["X-Key"] = "k", ["Content-Type"] = "text/plain" },
        body = "\255\0\1", timeout = "5s",
      }))
      local city = json.decode(a.body).city
      r:SetRequestBody(json.encode({ a.status_code, a.status_code, a.status_code, a.headers["X-TWO"], a.headers["content-type"], city }))`,
    }[driver];
    const variables = { URL: `${base}/item?fixed=1#part` };
    const body = bodyOf(await runner.run(functionCall(source, { driver, variables })));
    expect(JSON.parse(body)).toEqual([201, 201, 201, "a, b", "application/json", "Zürich"]);
    const got = seen.at(-1);
    expect(got).toMatchObject({ method: "PUT", body: "\xff\x00\x01" });
    expect(got?.url.split("&").sort()).toEqual(["/item?fixed=1", "id=7", "tag=%C3%BC", "tag=x+y"]);
    expect(got?.headers).toMatchObject({ "x-key": "k", "content-type": "text/plain", "user-agent": "relay-function" });
  });

  it("an answer other than 2xx is an answer", async () => {
    expect(await ask(`${base}/missing`, { driver })).toBe("404 no such thing");
  });

  it("a name is resolved, and asked under its own name", async () => {
    const { port } = service.address() as AddressInfo;
    expect(await ask(`http://api.example.test:${port}/`, { driver })).toMatch(/^201 /);
    expect(seen.at(-1)?.headers.host).toBe(`api.example.test:${port}`);
  });

  it("an answer as long as it may be arrives whole", async () => {
    expect(await ask(`${base}/large`, { driver })).toHaveLength((256 << 10) + 4);
  });

  it.each([
    ["longer than it may be", "/huge", "longer than 256 KiB"],
    ["that breaks off", "/breaks-off", "broke off"],
  ])("an answer %s is told, and costs nothing else", async (_what, path, text) => {
    expect(await ask(`${base}${path}`, { driver })).toContain(text);
    expect(await ask(`${base}/`, { driver })).toMatch(/^201 /);
  });

  it("a timeout of its own ends a call, and the run goes on", async () => {
    const source = {
      js: 'try { http.get(cfg.get("URL"), { timeout: "200ms" }) } catch (e) { r.setBody(e.message) }',
      lua: 'local _, err = require("http").get(cfg:GetValue("URL"), { timeout = 0.2 }) r:SetRequestBody(err)',
    }[driver];
    const result = await runner.run(functionCall(source, { driver, variables: { URL: `${base}/hang` } }));
    expect(bodyOf(result)).toContain("did not answer within 0.2 s");
  });

  it("threat: a run that makes many calls gets five", async () => {
    const source = {
      js: 'let n = 0; for (;;) { try { http.get(cfg.get("URL")); n++ } catch (e) { r.setBody(n + " " + e.message); break } }',
      lua: `local n = 0
        while true do
          local a, err = require("http").get(cfg:GetValue("URL"))
          if err then r:SetRequestBody(n .. " " .. err) break end
          n = n + 1
        end`,
    }[driver];
    const before = seen.length;
    const result = await runner.run(functionCall(source, { driver, variables: { URL: `${base}/` } }));
    expect(bodyOf(result)).toBe("5 a run may make 5 HTTP calls");
    expect(seen.length - before).toBe(5);
  });

  it.each([
    ["a line break in a value", '{ "X-A": "a\\r\\nX-B: b" }', '{ ["X-A"] = "a\\r\\nX-B: b" }'],
    ["a line break in a name", '{ "X-A: a\\r\\nX-B": "b" }', '{ ["X-A: a\\r\\nX-B"] = "b" }'],
    ["a length", '{ "Content-Length": "1" }', '{ ["Content-Length"] = "1" }'],
    ["an encoding", '{ "transfer-encoding": "chunked" }', '{ ["transfer-encoding"] = "chunked" }'],
    ["another host", '{ Host: "internal.example" }', '{ Host = "internal.example" }'],
    ["credentials for the proxy", '{ "Proxy-Authorization": "x" }', '{ ["Proxy-Authorization"] = "x" }'],
  ])("threat: headers with %s are refused", async (_what, js, lua) => {
    const source = {
      js: `try { http.get(cfg.get("URL"), { headers: ${js} }); r.setBody("sent") } catch (e) { r.setBody("none: " + e.message) }`,
      lua: `local a, err = require("http").get(cfg:GetValue("URL"), { headers = ${lua} }) r:SetRequestBody(err and "none: " .. err or "sent")`,
    }[driver];
    const before = seen.length;
    const result = await runner.run(functionCall(source, { driver, variables: { URL: `${base}/` } }));
    expect(bodyOf(result)).toMatch(/^none: /);
    expect(seen.length).toBe(before);
  });

  it.each(["GET / HTTP/1.1\r\nX: y", "CONNECT", "TRACE", ""])("threat: the method %j is refused", async (method) => {
    const source = {
      js: `try { http.request(${JSON.stringify(method)}, cfg.get("URL")); r.setBody("sent") } catch { r.setBody("none") }`,
      lua: `local a = require("http").request(${JSON.stringify(method)}, cfg:GetValue("URL")) r:SetRequestBody(a and "sent" or "none")`,
    }[driver];
    const result = await runner.run(functionCall(source, { driver, variables: { URL: `${base}/` } }));
    expect(bodyOf(result)).toBe("none");
  });
});

describe("threat: without an allow list", () => {
  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://localhost/",
    "http://user:password@127.0.0.1/",
    "http://loopback.example.test/",
  ])("%s is not called", async (url) => {
    const before = seen.length;
    const { port } = service.address() as AddressInfo;
    const told = await ask(url.replace(/^(http:\/\/[^/]*)/, `$1:${port}`), { by: strict });
    expect(told).toMatch(/^none: .*public addresses only/);
    expect(told).not.toContain("password");
    expect(seen.length).toBe(before);
  });

  it.each(["file:///etc/passwd", "ftp://example.test/", "//example.test/", "/etc/passwd", "", "http://"])(
    "%j is no address to call",
    async (url) => {
      expect(await ask(url, { by: strict })).toMatch(/^none: .*(scheme|absolute URL)/);
    },
  );
});

it("threat: a redirect is an answer, and is not followed", async () => {
  const before = seen.length;
  expect(await ask(`${base}/redirect`)).toBe("302 ");
  expect(seen.slice(before).map(({ url }) => url)).toEqual(["/redirect"]);
});

it("credentials of the URL are sent as such", async () => {
  await ask(base.replace("//", "//me:secret@"));
  expect(seen.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from("me:secret").toString("base64")}`);
});

it("time that a run waits is not its own: the deadline is for what it computes", async () => {
  const short = new FunctionRunner({
    workers: 1,
    deadlineMs: 700,
    killGraceMs: 300,
    waitMs: 60_000,
    http: slow(1_500),
  });
  runners.push(short);
  expect(await ask("http://x.example/", { by: short })).toBe("200 late");
  expect(await ask("http://x.example/", { by: short, driver: "lua" })).toBe("200 late");
  const loop = `http.get("http://x.example/"); for (;;);`;
  expect(await short.run(functionCall(loop))).toMatchObject({ kind: "failed", reason: "timeout" });
});

/** Answers after so many milliseconds, or when it is given up. */
function slow(ms: number) {
  return {
    async call() {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { kind: "answered", status: 200, headers: [], body: Buffer.from("late") } as const;
    },
  };
}

it("threat: runs of one bucket that wait leave workers to the others", async () => {
  const own = runnerWith({ workers: 2 });
  const waiting = Array.from({ length: 12 }, () =>
    own.run(functionCall(ASK.js, { bucketId: "slow", variables: { URL: `${base}/hang` } })),
  );
  await waitFor("eight runs that wait", () => held.size >= 8, { timeoutMs: 60_000 });
  for (let round = 0; round < 10; round++) {
    expect(bodyOf(await own.run(functionCall("r.setBody('ok')", { bucketId: `quick-${round}` })))).toBe("ok");
  }
  expect(own.processIds.length).toBeLessThanOrEqual(10);
  const letGo = setInterval(() => {
    for (const response of held) response.end("late");
    held.clear();
  }, 20);
  for (const result of await Promise.all(waiting)) expect(bodyOf(result)).toMatch(/^(200 late|none: )/);
  clearInterval(letGo);
});

it("a process that dies while it waits costs its own run, and the call is given up", async () => {
  const own = runnerWith({ workers: 1 });
  const before = held.size;
  const run = own.run(functionCall(ASK.js, { variables: { URL: `${base}/hang` } }));
  await waitFor("a call", () => held.size > before, { timeoutMs: 30_000 });
  const response = [...held].at(-1);
  const closed = new Promise((resolve) => response?.once("close", resolve));
  for (const pid of own.processIds) process.kill(pid, "SIGKILL");
  expect(await run).toMatchObject({ kind: "failed", reason: "crashed" });
  await closed;
  expect(bodyOf(await own.run(functionCall("r.setBody('next')")))).toBe("next");
});

it("stopping gives up calls that are under way", async () => {
  const own = runnerWith({ workers: 1 });
  const before = held.size;
  const run = own.run(functionCall(ASK.lua, { driver: "lua", variables: { URL: `${base}/hang` } }));
  await waitFor("a call", () => held.size > before, { timeoutMs: 30_000 });
  await own.stop();
  expect((await run).kind).toBe("failed");
});

it("where nobody makes calls, functions are told so", async () => {
  const own = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
  runners.push(own);
  expect(await ask(`${base}/`, { by: own })).toBe("none: HTTP calls are not possible here");
  expect(done(await own.run(functionCall("r.setBody('x')"))).modified.body).toBe(true);
});
