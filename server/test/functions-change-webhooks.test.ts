import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebhookRequest } from "../src/wire/index.js";
import { type FaultMenu, type RecordedRequest, startFaultMenu } from "./support/fault-menu.js";
import { openSession } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
let menu: FaultMenu;
beforeAll(async () => {
  [server, menu] = await Promise.all([
    runServer({ env: { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8" } }),
    startFaultMenu(),
  ]);
});
afterAll(async () => {
  await server?.close();
  await menu?.close();
});

const PATIENCE = { timeoutMs: 30_000 };
let made = 0;

async function fn(payload: string, fields: object = {}): Promise<string> {
  made += 1;
  return (await server.must("POST", "/v1/functions", { name: `f${made}`, driver: "js", payload, ...fields })).id;
}

/** A bucket whose output is a place of its own; `again` may be tried soon. */
async function route(place: string, { bucket = {}, input = {}, output = {} } = {}): Promise<Route> {
  const retry = { schedule: "custom", delays: Array.from({ length: 20 }, () => "300ms") };
  return server.route({ bucket, input, output: { internal: false, destination: menu.place(place), retry, ...output } });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
type Row = any;

async function post({ path }: Pick<Route, "path">, { body = "hello", at = "", headers = {} } = {}): Promise<Response> {
  return fetch(`${server.at.http}${path}${at}`, { method: "POST", body, headers });
}
const logs = async ({ bucketId }: Route): Promise<Row[]> =>
  (await server.must("GET", `/v1/logs?bucket=${bucketId}&limit=100`)).data;
const ended = (route: Route, count = 1) =>
  waitFor(
    `${count} ended deliveries`,
    async () => {
      const all = await logs(route);
      return all.length === count && all.every(({ status }) => !["received", "preparing"].includes(status)) && all;
    },
    PATIENCE,
  );
const runs = async (id: string): Promise<Row[]> => (await server.must("GET", `/v1/functions/${id}/logs`)).execute_logs;
const got = (place: string): readonly RecordedRequest[] =>
  menu.requests.filter(({ url }) => url.split(/[/?]/)[2] === place);
const resend = (log: Row, process_policy: string) =>
  server.must("POST", `/v1/logs/${log.id}/action`, { action: "resend", process_policy });

const CHANGES = {
  js: `r.setBody(r.body.toUpperCase()); r.setHeader("X-Added", r.metadata.input_name); r.deleteHeader("X-Gone");
       r.setPath("/new"); r.setRawQuery("a=1");`,
  lua: `r:SetRequestBody(string.upper(r.RequestBody)) r:SetRequestHeader("X-Added", r.Metadata["input_name"])
        r:DeleteRequestHeader("X-Gone") r:SetRequestPath("/new") r:SetRequestRawQuery("a=1")`,
};

describe("an input's function", () => {
  test.each(["js", "lua"] as const)("changes body, headers, path and query for all outputs (%s)", async (driver) => {
    const input = { function: await fn(CHANGES[driver], { driver }) };
    const to = await route(`all-${driver}`, { input });
    const second = { name: "second", internal: false, destination: menu.place(`all-${driver}`) };
    await server.must("POST", `/v1/buckets/${to.bucketId}/outputs`, second);
    expect((await post(to, { at: "/old?b=2", headers: { "X-Gone": "1", "X-Kept": "a, b" } })).status).toBe(200);
    await ended(to, 2);
    expect(got(`all-${driver}`).length).toBe(2);
    for (const { url, body, headers } of got(`all-${driver}`)) {
      expect([url, body.toString()]).toEqual([`/at/all-${driver}/new?a=1`, "HELLO"]);
      expect(headers).toMatchObject({ "x-added": "in", "x-kept": "a, b" });
      expect(headers).not.toHaveProperty("x-gone");
    }
    expect((await logs(to))[0]).toMatchObject({ body: "HELLO", extra_path: "/new", raw_query: "a=1" });
  });

  test("answers the sender; what it stops is kept, goes nowhere and can be sent again", async () => {
    const input = {
      function: await fn(`r.setResponseStatus(202); r.setResponseHeader("X-Answer", "yes");
        r.setResponseBody("made"); if (r.body === "stop") r.stopForwarding();`),
    };
    const to = await route("answered", { input });
    const answer = await post(to, { body: "stop" });
    expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([202, "yes", "made"]);
    const [stopped] = await ended(to);
    expect(stopped).toMatchObject({ status: "rejected", error: "the input's function stopped it", body: "stop" });
    expect(menu.count("answered")).toBe(0);
    await resend(stopped, "force");
    await ended(to, 2);
    expect((await post(to, { body: "go" })).status).toBe(202);
    await ended(to, 3);
    expect(got("answered").map(({ body }) => body.toString())).toEqual(["stop", "go"]);
  });

  test("that fails leaves the webhook as it came, for people to look at; others go on meanwhile", async () => {
    const broken = await fn(`const kept = 1;\nr.setBody("half"); throw new Error("saw sensitive, " + r.body);`);
    const endless = await fn("r.setBody('half'); for (;;) {}");
    const failing = await route("broken", { input: { function: broken, body: "as usual", status_code: 201 } });
    const looping = await route("broken", { input: { function: endless } });
    const well = await route("unaffected", { input: { function: await fn("r.setHeader('X-Well', '1')") } });
    const loop = post(looping);
    for (let i = 0; i < 5; i += 1) expect((await post(well)).status).toBe(200);
    const answer = await post(failing, { body: "sensitive" });
    expect([answer.status, await answer.text()]).toEqual([201, "as usual"]);
    expect((await loop).status).toBe(200);
    await ended(well, 5);
    const [log] = await ended(failing);
    expect(log).toMatchObject({ status: "rejected", body: "sensitive" });
    expect(log.error).toMatch(/^the function "f\d+" failed at line 2, column \d+ \(error\)/);
    expect((await ended(looping))[0].error).toContain("(timeout)");
    const [run] = await runs(broken);
    expect(run).toMatchObject({ status: "error", bucket_id: failing.bucketId });
    expect(run.execute_response).toMatchObject({
      error_line: 2,
      error: expect.stringContaining("saw sensitive, half"),
    });
    expect((await runs(endless))[0]).toMatchObject({ status: "error" });
    expect(menu.count("broken")).toBe(0);
    expect(menu.count("unaffected")).toBe(5);
  });

  test("threat: what a failing function says, and its variables, stand in no row and no log of the server", async () => {
    const secret = "variable-7f3a";
    const source =
      "r.setHeader('Authorization', cfg.get('KEY')); if (r.body !== 'ok') throw new Error(cfg.get('KEY'));";
    const to = await route("secret", { input: { function: await fn(source, { variables: { KEY: secret } }) } });
    await post(to, { body: "content-91bc" });
    await post(to, { body: "ok" });
    const shown = await ended(to, 2);
    expect(got("secret").map(({ headers }) => headers.authorization)).toEqual([secret]);
    expect(shown.find(({ status }) => status === "rejected").error).not.toContain(secret);
    const { rows } = await server.database.pool.query(
      "SELECT o::text AS row FROM outcomes o UNION ALL SELECT e::text FROM executions e UNION ALL SELECT f::text FROM functions f",
    );
    const kept = `${rows.map(({ row }) => row).join("\n")}${server.output}`;
    for (const text of [secret, "content-91bc"]) {
      expect(kept).not.toContain(text);
      expect(kept).not.toContain(Buffer.from(text).toString("hex"));
    }
  });

  test("leaves what it does not touch byte for byte", async () => {
    const to = await route("binary", { input: { function: await fn("r.setHeader('X-Seen', String(r.body.length))") } });
    const body = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 7) % 256));
    const untouched = await fn("console.log(r.body)");
    await server.must("PUT", `/v1/buckets/${to.bucketId}/outputs/${to.outputId}`, { function: untouched });
    const sent = await fetch(`${server.at.http}${to.path}/a%2Fb?x=%20&&y`, { method: "POST", body });
    expect(sent.status).toBe(200);
    await ended(to);
    const [request] = got("binary");
    expect(request?.body.equals(body)).toBe(true);
    expect(request?.url).toBe("/at/binary/a%2Fb?x=%20&&y");
  });

  test("threat: framing headers and line ends set by a function do not split the answer", async () => {
    const source = `r.setResponseHeader("Content-Length", "3"); r.setResponseHeader("Transfer-Encoding", "chunked");
      r.setResponseHeader("Connection", "upgrade");
      try { r.setResponseHeader("X-A", "1\\r\\n\\r\\nHTTP/1.1 200 OK"); } catch (e) { r.setResponseHeader("X-Caught", "1"); }
      r.setResponseBody("HTTP/1.1 500 Oops\\r\\n\\r\\n"); r.stopForwarding();`;
    const { path } = await route("split", { input: { function: await fn(source) } });
    const answer = await new Promise<{ headers: object; body: string; status: number }>((resolve, reject) => {
      const sending = httpRequest(`${server.at.http}${path}`, { method: "POST" }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve({ headers: response.headers, body, status: response.statusCode ?? 0 }));
      });
      sending.on("error", reject).end("x");
    });
    expect(answer).toMatchObject({ status: 200, body: "HTTP/1.1 500 Oops\r\n\r\n" });
    expect(answer.headers).toMatchObject({ "content-length": "21", "x-caught": "1" });
    expect(answer.headers).not.toHaveProperty("transfer-encoding");
    expect(answer.headers).not.toHaveProperty("x-a");
  });
});

describe("an output's function", () => {
  test("changes that delivery alone, after the input's; its answer is nobody's", async () => {
    const output = { function: await fn("r.setBody(r.body + '+out'); r.setResponseStatus(418);") };
    const input = { function: await fn("r.setBody(r.body + '+in')") };
    const to = await route("mine", { input, output });
    const other = { name: "other", internal: false, destination: menu.place("theirs") };
    await server.must("POST", `/v1/buckets/${to.bucketId}/outputs`, other);
    expect((await post(to)).status).toBe(200);
    const all = await ended(to, 2);
    expect(got("mine").map(({ body }) => body.toString())).toEqual(["hello+in+out"]);
    expect(got("theirs").map(({ body }) => body.toString())).toEqual(["hello+in"]);
    const [run] = await runs(output.function);
    expect(run).toMatchObject({ output_id: to.outputId, status: "success" });
    const [ofInput] = await runs(input.function);
    for (const log of all) {
      const path = `/v1/logs/${log.id}`;
      const isOurs = log.output_id === to.outputId;
      expect(await server.must("GET", path)).toMatchObject({
        input_function_execution_id: ofInput.id,
        output_function_execution_id: isOurs ? run.id : "",
        response_function_execution_id: "",
      });
    }
    // Sent again it passes the function again, unless that is not wanted.
    const log = all.find(({ output_id }) => output_id === to.outputId);
    await resend(log, "skip");
    await ended(to, 3);
    await resend(log, "force");
    await ended(to, 4);
    expect(got("mine").map(({ body }) => body.toString())).toEqual(["hello+in+out", "hello+in", "hello+in+out"]);
    // Each delivery has its own run, and one without functions has none.
    const [ran = "", ...others] = (await runs(output.function)).map(({ id }) => id);
    const shown = (await logs(to)).map((each) => each.output_function_execution_id).filter((id) => id !== "");
    expect(shown.sort()).toEqual([ran, ...others].sort());
  });

  test("stops that delivery alone", async () => {
    const to = await route("stopped", { output: { function: await fn("r.stopForwarding()") } });
    await post(to);
    expect((await ended(to))[0]).toMatchObject({
      status: "rejected",
      error_class: "function-stopped",
      error: "the output's function stopped it",
    });
    expect(menu.count("stopped")).toBe(0);
  });

  test("that fails is run again by the schedule, and delivers once it is corrected", async () => {
    const id = await fn("null.x");
    const to = await route("corrected", { output: { function: id } });
    await post(to);
    await waitFor("two runs", async () => (await runs(id)).length >= 2, PATIENCE);
    const [waiting] = await logs(to);
    const { attempts } = await server.must("GET", `/v1/logs/${waiting.id}/attempts`);
    expect(attempts[0]).toMatchObject({ error_class: "function-failed" });
    expect(menu.count("corrected")).toBe(0);
    await server.must("PUT", `/v1/functions/${id}`, { payload: "r.setBody('corrected')" });
    expect((await ended(to))[0]).toMatchObject({ status: "sent" });
    expect(got("corrected").map(({ body }) => body.toString())).toEqual(["corrected"]);
  });

  test("that always fails ends as a dead letter without a call", async () => {
    const retry = { schedule: "custom", delays: ["50ms"] };
    const to = await route("never", { output: { function: await fn("null.x"), retry } });
    await post(to);
    expect((await ended(to))[0]).toMatchObject({
      status: "failed",
      error_class: "function-failed",
      attempt: 2,
      error: expect.stringContaining("the output's function failed"),
    });
    expect(menu.count("never")).toBe(0);
  });

  test("changes what an agent gets, with its headers, at once and after waiting", async () => {
    const output = {
      internal: true,
      destination: "http://localhost:1/",
      function: await fn(CHANGES.lua, { driver: "lua" }),
    };
    const to = await route("agent", { output });
    await post(to, { body: "waits" });
    const agent = await openSession(server, "grpc", await server.token(), { buckets: [to.bucketId] });
    agent.acknowledgeAll = true;
    await agent.received(1);
    await post(to, { body: "live" });
    const deliveries = await agent.received(2);
    const requests = deliveries.map(({ request }) => WebhookRequest.decode(request));
    expect(requests.map(({ body, path, query }) => [Buffer.from(body).toString(), path, query])).toEqual([
      ["WAITS", "/new", "a=1"],
      ["LIVE", "/new", "a=1"],
    ]);
    agent.destroy();
  });
});

test("an ephemeral bucket's webhooks pass functions too, which fail closed, and nothing of them is written", async () => {
  const input = { function: await fn("console.log('said ' + r.body); r.setBody(r.body + '+in')") };
  const id = await fn("throw new Error('said ' + r.body)");
  const to = await route("ephemeral", { bucket: { ephemeral: true }, input, output: { function: id } });
  await post(to, { body: "unwritten-5c1e" });
  await waitFor("two runs", async () => (await runs(id)).length >= 2, PATIENCE);
  expect(menu.count("ephemeral")).toBe(0);
  await server.must("PUT", `/v1/functions/${id}`, { payload: "r.setBody(r.body + '+out')" });
  await waitFor("the webhook", () => menu.count("ephemeral") === 1, PATIENCE);
  expect(got("ephemeral").map(({ body }) => body.toString())).toEqual(["unwritten-5c1e+in+out"]);
  for (const of of [input.function, id]) for (const { logs } of await runs(of)) expect(logs).toEqual([]);
  const { rows } = await server.database.pool.query(
    "SELECT detail FROM executions WHERE bucket_id = $1 AND detail IS NOT NULL",
    [to.bucketId],
  );
  expect(rows).toEqual([]);
});
