import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { agentHome, startAgentProcess } from "../agent-process.js";
import { relayEnvironment } from "./support/run-agent.js";

let server: TestServer;
let home: ReturnType<typeof agentHome>;

beforeAll(async () => {
  server = await runServer();
  home = agentHome();
});
afterAll(async () => {
  home?.remove();
  await server?.close();
});

async function relay(args: readonly string[], env = relayEnvironment(server, home.path)) {
  const started = startAgentProcess([...args], env);
  const code = await started.exited;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

function file(name: string, text: string): string {
  const path = join(home.path, name);
  writeFileSync(path, text);
  return path;
}

test("makes, lists, invokes, configures, changes and removes a function", async () => {
  const source = file("greet.js", "r.setBody(cfg.get('GREETING') + ' ' + r.body);");
  const made = await relay(["function", "create", "--name", "greet", "--driver", "js", "--source", source]);
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Created function greet \([0-9a-f-]{36}\)\n$/),
  });
  expect((await relay(["function", "config", "set", "greet", "GREETING=hello"])).code).toBe(0);
  expect((await relay(["function", "config", "ls", "greet"])).stdout).toContain("GREETING");
  const invoked = await relay(["function", "invoke", "greet", "-m", "PUT", "-b", "you", "--header", "X-A=1"]);
  const { request } = JSON.parse(invoked.stdout);
  expect([invoked.code, request.method, Buffer.from(request.body, "base64").toString()]).toEqual([
    0,
    "PUT",
    "hello you",
  ]);
  expect((await relay(["function", "ls"])).stdout).toMatch(/greet +js +GREETING/);
  const lua = file("greet.lua", "error('never')");
  expect((await relay(["function", "update", "greet", "--source", lua])).code).toBe(0);
  expect(JSON.parse((await relay(["function", "inspect", "greet"])).stdout)).toMatchObject({ driver: "lua" });
  const failed = await relay(["function", "invoke", "greet"]);
  expect([failed.code, JSON.parse(failed.stdout).error]).toEqual([1, expect.stringContaining("never")]);
  expect((await relay(["function", "config", "rm", "greet", "GREETING"])).code).toBe(0);
  expect((await relay(["function", "rm", "greet"])).code).toBe(0);
  expect((await relay(["function", "inspect", "greet"])).code).toBe(1);
});

test("a source that does not parse is refused with its place", async () => {
  const source = file("wrong.js", "let a = 1;\nlet b = ;");
  const { code, stderr } = await relay(["function", "create", "wrong", "--source", source]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("line 2, column 9")]);
});

const SPEC = `version: v1
filename: only-json.js
driver: js
tests:
  - name: keeps what is JSON
    request: { method: POST, body: '{"a":1}', header: { X-A: "1" } }
    expect:
      request: { bodyModified: false, headerModified: true, headerEquals: { x-valid: "yes" }, methodEquals: POST }
      stopForwarding: false
  - name: stops what is none
    request: { body: nonsense }
    expect:
      response: { statusEquals: 400, bodyContains: JSON }
      stopForwarding: true
`;

const SOURCE = `try {
  JSON.parse(r.body);
  r.setHeader("X-Valid", "yes");
} catch (error) {
  r.setResponseStatus(400);
  r.setResponseBody("no JSON");
  r.stopForwarding();
}`;

/** No server, no login. */
const ALONE = { PATH: process.env.PATH ?? "" };

test("runs a file of tests here, without a server", async () => {
  file("only-json.js", SOURCE);
  const passed = await relay(["function", "test", "-f", file("spec.yaml", SPEC)], ALONE);
  expect(passed).toMatchObject({
    code: 0,
    stdout: "ok   keeps what is JSON\nok   stops what is none\n2 passed\n",
  });
});

test("a test that fails shows what was expected and what came", async () => {
  file("only-json.js", SOURCE.replace("400", "422"));
  const failed = await relay(["function", "test", "-f", file("spec.yaml", SPEC)], ALONE);
  expect(failed).toMatchObject({
    code: 1,
    stdout: "ok   keeps what is JSON\nFAIL stops what is none\n     response.statusEquals\n     - 400\n     + 422\n",
  });
  expect(failed.stderr).toContain("1 of 2 failed");
});

const CALLING = `version: v1
filename: enrich.js
config: { KEY: k }
tests:
  - name: adds the name
    request: { body: '{"id":7}' }
    http:
      - { method: GET, url: "https://crm.example/customers/7?full=yes", header: { X-Kind: vip }, body: '{"name":"Zoë"}' }
    expect:
      request: { bodyEquals: '{"id":7,"name":"Zoë","kind":"vip"}' }
  - name: goes without
    request: { body: '{"id":8}' }
    http:
      - { url: "https://crm.example/customers/8?full=yes", error: "connection refused" }
    expect:
      request: { bodyModified: false }
`;

const ENRICH = `const order = JSON.parse(r.body);
try {
  const answer = http.get("https://crm.example/customers/" + order.id, { query: { full: "yes" } });
  r.setBody(JSON.stringify({ ...order, ...JSON.parse(answer.body), kind: answer.headers["X-Kind"] }));
} catch (error) {
  console.warn(error.message);
}`;

test("tests name the calls that a function makes, and what answers; nothing else is called", async () => {
  file("enrich.js", ENRICH);
  const passed = await relay(["function", "test", "--verbose", "-f", file("calls.yaml", CALLING)], ALONE);
  expect(passed).toMatchObject({
    code: 0,
    stdout: "ok   adds the name\nok   goes without\n     warn: connection refused\n2 passed\n",
  });
  const other = await relay(["function", "test", "-f", file("calls.yaml", CALLING.replaceAll("/8?", "/9?"))], ALONE);
  expect(other.stdout).toContain("http: the test has no answer for GET https://crm.example/customers/8?full=yes");
  expect(other.stdout).toContain("http: was never called: https://crm.example/customers/9?full=yes");
  expect(other.code).toBe(1);
});

test("the file of tests that the docs show passes for the recipe that it is for", async () => {
  const docs = readFileSync(new URL("../../../docs/functions.md", import.meta.url), "utf8");
  const [, spec = ""] = /^```yaml\n(version: v1\n.*?)^```/ms.exec(docs) ?? [];
  const [, source = ""] = /^### enrich\n.*?^```js\n(.*?)^```/ms.exec(docs) ?? [];
  file("enrich.js", source);
  const { code, stdout } = await relay(["function", "test", "-f", file("docs.yaml", spec)], ALONE);
  expect([code, stdout]).toEqual([0, "ok   adds the customer\nok   goes without\n2 passed\n"]);
});

test.each([
  [CALLING.replace("error:", "fault:"), "tests[1].http[0].fault: is not known here"],
  ["version: v1\nfilename: only-json.js\ntests: []\n", "tests: is required"],
  [SPEC.replace("bodyContains", "bodyContain"), "tests[1].expect.response.bodyContain: is no assertion"],
  [SPEC.replace("statusEquals: 400", "statusEquals: x"), "tests[1].expect.response.statusEquals: must be a number"],
  [SPEC.replace("only-json.js", "nowhere.js"), "cannot read"],
])("says what is wrong with a file of tests", async (spec, message) => {
  const { code, stderr } = await relay(["function", "test", "-f", file("wrong.yaml", spec)], ALONE);
  expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
});
