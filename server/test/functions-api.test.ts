import { afterAll, beforeAll, expect, test } from "vitest";
import { bootAdmin, type Credentials } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

const SOURCE = "console.log(cfg.get('KEY')); r.setBody(r.body + '!'); r.setHeader('X-Seen', 'yes');";

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api?.close());

async function make(name: string, fields: object = {}): Promise<string> {
  const made = await api.call(admin, "POST", "/v1/functions", { name, driver: "js", payload: SOURCE, ...fields });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  return made.json.id;
}

test("is made, found by id and name, changed and deleted", async () => {
  const id = await make("life", { description: "d" });
  const view = { id, name: "life", driver: "js", payload: SOURCE, description: "d", variable_names: [] };
  expect((await api.call(admin, "GET", `/v1/functions/${id}`)).json).toMatchObject(view);
  expect((await api.call(admin, "GET", "/v1/functions/life")).json).toMatchObject(view);
  expect((await api.call(admin, "GET", "/v1/functions")).json).toContainEqual(expect.objectContaining(view));
  const merged = await api.call(admin, "PUT", `/v1/functions/${id}`, { driver: "lua", payload: "local x = 1" });
  expect(merged.json).toMatchObject({ name: "life", description: "d", driver: "lua", payload: "local x = 1" });
  const replaced = await api.call(admin, "PUT", "/v1/functions/life", { name: "life2" }).then(({ json }) => json);
  expect(replaced).toMatchObject({ id, name: "life2", description: "", driver: "js", payload: "local x = 1" });
  expect(replaced).not.toHaveProperty("payload_size");
  expect((await api.call(admin, "DELETE", `/v1/functions/${id}`)).json).toEqual({});
  expect((await api.call(admin, "GET", `/v1/functions/${id}`)).status).toBe(404);
  expect((await api.call(admin, "DELETE", `/v1/functions/${id}`)).status).toBe(404);
});

test.each([
  [{ name: "x" }, "payload: is required"],
  [{ payload: "1" }, "name: is required"],
  [{ name: "x", payload: "1", driver: "wasm" }, "driver: must be"],
  [{ name: "x", driver: "js", payload: "let a = 1;\nlet b = ;" }, "payload: line 2, column 9: SyntaxError"],
  [{ name: "x", driver: "lua", payload: "local a = 1\nlocal b = = 2" }, "payload: line 2, column"],
  [{ name: "x", payload: "1", variables: { "a.b": "1" } }, "variables: has"],
  [{ name: "x", payload: `/*${"x".repeat(262_144)}*/` }, "payload: must have at most 262144 bytes"],
])("answers 400 to %j: %s", async (body, text) => {
  const answer = await api.call(admin, "POST", "/v1/functions", body);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)]);
});

test("a name is taken once", async () => {
  await make("once");
  expect((await api.call(admin, "POST", "/v1/functions", { name: "once", payload: "1" })).status).toBe(412);
});

test("the Terraform provider of the classic API reads base64 back as it wrote it, other clients the text", async () => {
  const payload = Buffer.from(SOURCE).toString("base64");
  const id = await make("encoded", { payload });
  const read = (agent: string) => api.call(admin, "GET", `/v1/functions/${id}`, undefined, { "user-agent": agent });
  expect((await read("Go-http-client/1.1")).json.payload).toBe(payload);
  expect((await read("node")).json.payload).toBe(SOURCE);
});

test("variables are set, listed and deleted one by one, and never shown", async () => {
  const id = await make("variables");
  const config = `/v1/functions/${id}/config`;
  expect((await api.call(admin, "PUT", config, { key: "KEY", value: "v-4711" })).json).toMatchObject({ key: "KEY" });
  expect((await api.call(admin, "PUT", config, { key: "OTHER", value: "o" })).status).toBe(200);
  const listed = await api.call(admin, "GET", config);
  expect(listed.json).toEqual([
    { key: "KEY", value: "", function_id: id },
    { key: "OTHER", value: "", function_id: id },
  ]);
  // A change of the function by those who know nothing of variables leaves them.
  await api.call(admin, "PUT", `/v1/functions/${id}`, { name: "variables", driver: "js", payload: SOURCE });
  const invoked = await api.call(admin, "POST", `/v1/functions/${id}/invoke`, {});
  expect(invoked.json.logs).toEqual([{ level: "info", text: "v-4711" }]);
  expect((await api.call(admin, "DELETE", `${config}/OTHER`)).json).toEqual({});
  expect((await api.call(admin, "DELETE", `${config}/OTHER`)).status).toBe(404);
  const encoded = encodeURIComponent(`v1/functions/${id}/config/KEY`);
  expect((await api.call(admin, "DELETE", `/${encoded}`)).json).toEqual({});
  expect((await api.call(admin, "GET", config)).json).toEqual([]);
  expect((await api.call(admin, "PUT", config, { key: "a/b", value: "" })).status).toBe(400);
});

test("threat: no value of a variable in answers, audit or database", async () => {
  const secret = "never-to-be-seen-8d1f";
  const id = await make("sealed", { variables: { KEY: secret }, payload: "r.setBody('x')" });
  await api.call(admin, "PUT", `/v1/functions/${id}`, { variables: { KEY: secret, B: `${secret}2` } });
  const answers = await Promise.all(
    [
      "/v1/functions",
      `/v1/functions/${id}`,
      `/v1/functions/${id}/config`,
      "/v1/audit?resource=function",
      "/v1/export",
    ].map((path) => api.call(admin, "GET", path)),
  );
  for (const { status, text } of answers) expect([status, text.includes(secret)]).toEqual([200, false]);
  expect(answers[3]?.text).toContain("variables.KEY");
  const { rows } = await api.pool.query("SELECT functions::text AS row FROM functions WHERE id = $1", [id]);
  expect(rows[0].row).not.toContain(secret);
});

test.each([
  ["Go", { request_body: "hi", method: "PUT", raw_query: "a=1", headers: { "X-A": ["1"] } }],
  ["Go's byte fields", { request: { body: Buffer.from("hi").toString("base64"), method: "PUT", raw_query: "?a=1" } }],
  ["JavaScript", { request: { body: "hi", method: "put", raw_query: "a=1" }, unknown: true }],
])("is invoked with the body of %s clients", async (_client, body) => {
  const invoked = await api.call(admin, "POST", `/v1/functions/${await make(`invoke ${_client}`)}/invoke`, body);
  expect([invoked.status, invoked.json]).toMatchObject([
    200,
    {
      error: "",
      request_modified: true,
      response_modified: false,
      stop_forwarding: false,
      request: {
        method: "PUT",
        method_modified: false,
        raw_query: "a=1",
        body: Buffer.from("hi!").toString("base64"),
        body_modified: true,
        header_modified: true,
      },
    },
  ]);
  expect(JSON.stringify(invoked.json.request.header)).toMatch(/"x-seen":\{"values":\["yes"\]\}/i);
});

test("nothing needs to be sent, and nothing needs to run at the top level", async () => {
  const id = await make("declares", { payload: "function transform(r) { return r }" });
  expect((await api.call(admin, "POST", `/v1/functions/${id}/invoke`)).json).toMatchObject({ error: "" });
});

test("a failing function tells where, in the answer and in its log", async () => {
  const id = await make("fails", { payload: "console.warn('so far');\nnull.x;" });
  const invoked = await api.call(admin, "POST", `/v1/functions/${id}/invoke`, {});
  expect([invoked.status, invoked.json.error_line, invoked.json.error]).toEqual([
    200,
    2,
    expect.stringMatching(/^line 2.*TypeError/),
  ]);
  const logId = invoked.json.request_id;
  const log = (await api.call(admin, "GET", `/v1/exec-logs/${logId}`)).json;
  expect(log).toMatchObject({
    id: logId,
    function_id: id,
    status: "error",
    execute_response: { error: invoked.json.error },
    logs: [{ level: "warn", text: "so far" }],
  });
  expect(log.duration).toBeGreaterThan(0);
  expect((await api.call(admin, "GET", `/v1/functions/${id}/logs/${logId}`)).json).toEqual(log);
  expect((await api.call(admin, "GET", `/v1/functions/${id}/logs`)).json).toEqual({
    execute_logs: [log],
    limit: 50,
    offset: 0,
    total: 1,
  });
  const other = await make("another");
  expect((await api.call(admin, "GET", `/v1/functions/${other}/logs/${logId}`)).status).toBe(404);
});

test("a function that is in use is not deleted, and the refusal names who uses it", async () => {
  const id = await make("used");
  await api.call(admin, "POST", "/v1/buckets", { name: "uses" });
  const input = await api.call(admin, "POST", "/v1/buckets/uses/inputs", { name: "in", function_id: id });
  expect(input.json).toMatchObject({ function: "used", function_id: id });
  const output = await api.call(admin, "POST", "/v1/buckets/uses/outputs", {
    name: "out",
    destination: "http://localhost/",
    internal: true,
    function: "used",
  });
  expect(output.json).toMatchObject({ function: "used", function_id: id });
  const refused = await api.call(admin, "DELETE", "/v1/functions/used");
  expect([refused.status, refused.text]).toEqual([
    412,
    'The function "used" is used by input uses/in, output uses/out. Take it out there first.',
  ]);
  // Classic clients leave out what is empty.
  expect((await api.call(admin, "PUT", "/v1/buckets/uses/inputs/in", { name: "in" })).json.function_id).toBe("");
  expect((await api.call(admin, "PUT", "/v1/buckets/uses/outputs/out", { function: "" })).json.function).toBe("");
  expect((await api.call(admin, "DELETE", "/v1/functions/used")).status).toBe(200);
});

test("an unknown function is refused where it is named", async () => {
  await api.call(admin, "POST", "/v1/buckets", { name: "unknown" });
  const answer = await api.call(admin, "POST", "/v1/buckets/unknown/inputs", { name: "in", function: "nowhere" });
  expect([answer.status, answer.text]).toEqual([
    400,
    expect.stringContaining('function: there is no function "nowhere"'),
  ]);
});

test("threat: a token that is limited to buckets neither sees nor changes functions", async () => {
  const id = await make("of all");
  const limited = await api.token({ scopeBuckets: ["some"] });
  const calls = [
    ["GET", "/v1/functions"],
    ["GET", `/v1/functions/${id}`],
    ["POST", "/v1/functions"],
    ["PUT", `/v1/functions/${id}`],
    ["DELETE", `/v1/functions/${id}`],
    ["GET", `/v1/functions/${id}/config`],
    ["PUT", `/v1/functions/${id}/config`],
    ["DELETE", `/v1/functions/${id}/config/KEY`],
    ["POST", `/v1/functions/${id}/invoke`],
    ["GET", `/v1/functions/${id}/logs`],
  ] as const;
  for (const [method, path] of calls) {
    expect([path, (await api.call(limited, method, path, method === "GET" ? undefined : {})).status]).toEqual([
      path,
      403,
    ]);
  }
  const { request_id } = (await api.call(admin, "POST", `/v1/functions/${id}/invoke`, {})).json;
  expect((await api.call(limited, "GET", `/v1/exec-logs/${request_id}`)).status).toBe(404);
});
