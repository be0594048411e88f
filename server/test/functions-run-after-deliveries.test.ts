import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
let menu: FaultMenu;
let destination: Server;
let answering: string;
beforeAll(async () => {
  [server, menu] = await Promise.all([
    runServer({ env: { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8" } }),
    startFaultMenu(),
  ]);
  destination = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(request.url === "/refuses" ? 503 : 201, { "X-Ticket": ["7", "8"] });
      response.end(`ticket of ${request.url}`);
    });
  });
  await new Promise<void>((resolve) => destination.listen(0, "127.0.0.1", resolve));
  answering = `http://127.0.0.1:${(destination.address() as AddressInfo).port}`;
});
afterAll(async () => {
  destination?.closeAllConnections();
  destination?.close();
  await server?.close();
  await menu?.close();
});

const PATIENCE = { timeoutMs: 30_000 };
let made = 0;

async function fn(payload: string, fields: object = {}): Promise<string> {
  made += 1;
  return (await server.must("POST", "/v1/functions", { name: `after${made}`, driver: "js", payload, ...fields })).id;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
type Row = any;

const route = (output: object): Promise<Route> =>
  server.route({ output: { internal: false, retry: { schedule: "none" }, ...output } });
const post = ({ path }: Route, body = "hello") => fetch(`${server.at.http}${path}`, { method: "POST", body });
const runs = async (id: string): Promise<Row[]> => (await server.must("GET", `/v1/functions/${id}/logs`)).execute_logs;
const ran = (id: string, count = 1) =>
  waitFor(
    `${count} runs`,
    async () => {
      const all = await runs(id);
      return all.length >= count && all;
    },
    PATIENCE,
  );
/** The end of a delivery is recorded at about the time at which its function runs. */
const sentLog = ({ bucketId }: Route): Promise<Row> =>
  waitFor(
    "a delivery that is sent",
    async () => {
      const [log] = (await server.must("GET", `/v1/logs?bucket=${bucketId}`)).data;
      return log?.status === "sent" && log;
    },
    PATIENCE,
  );
const told = (place: string) =>
  waitFor("what is told", () => menu.requests.find(({ url }) => url === `/at/${place}`), PATIENCE);

const TELL = {
  js: `http.post(cfg.get("TO"), { body: JSON.stringify([r.outcome, r.attempts, r.responseStatus, r.responseHeaders["x-ticket"],
    r.responseBody, r.error, r.body, r.metadata.output_name]) }); r.setBody("changes nothing"); r.stopForwarding();`,
  lua: `local json, http = require("json"), require("http")
    assert(http.post(cfg:GetValue("TO"), { body = json.encode({ r.Outcome, r.Attempts, r.ResponseStatusCode,
      r.ResponseHeader["X-Ticket"], r.ResponseBody, r.Error, r.RequestBody, r.Metadata["output_name"] }) }))`,
};

test.each(["js", "lua"] as const)("sees what was delivered and what the destination answered (%s)", async (driver) => {
  const payload = TELL[driver];
  const response_function = await fn(payload, { driver, variables: { TO: menu.place(`told-${driver}`) } });
  const before = await fn("r.setBody(r.body + '!')");
  const to = await route({ destination: `${answering}/takes`, function: before, response_function });
  await post(to);
  const { body } = await told(`told-${driver}`);
  const seen = ["sent", 1, 201, "7, 8", "ticket of /takes", "", "hello!", "out"];
  expect(JSON.parse(body.toString())).toEqual(seen);
  const [run] = await ran(response_function);
  expect(run).toMatchObject({ status: "success", output_id: to.outputId, bucket_id: to.bucketId });
  expect(await sentLog(to)).toMatchObject({ body: "hello", response_function_execution_id: run.id });
});

test("runs once for a delivery that failed for good, after its last attempt", async () => {
  const response_function = await fn(TELL.js, { variables: { TO: menu.place("failed") } });
  const retry = { schedule: "custom", delays: ["50ms", "50ms"] };
  await post(await route({ destination: `${answering}/refuses`, retry, response_function }));
  const { body } = await told("failed");
  expect(JSON.parse(body.toString()).slice(0, 5)).toEqual(["failed", 3, 503, "7, 8", "ticket of /refuses"]);
  expect(await ran(response_function)).toHaveLength(1);
  const unreachable = await fn("console.log(r.outcome, r.responseStatus, r.error, String(r.responseBody))");
  await post(await route({ destination: "http://127.0.0.1:1/", response_function: unreachable }));
  expect((await ran(unreachable))[0].logs).toMatchObject([{ text: "failed 0 refused undefined" }]);
});

test("a failure of it is its own: the delivery stays sent, and the log of the function says why", async () => {
  const response_function = await fn("\nthrow new Error('no chat')");
  const to = await route({ destination: `${answering}/takes`, response_function });
  await post(to);
  const [run] = await ran(response_function);
  expect(run).toMatchObject({ status: "error" });
  expect(run.execute_response).toMatchObject({ error: expect.stringContaining("no chat"), error_line: 2 });
  expect(await sentLog(to)).toMatchObject({ error: "" });
});

test("sent again without functions it does not run, and otherwise once more", async () => {
  const response_function = await fn("console.log('ran')");
  const to = await route({ destination: `${answering}/takes`, response_function });
  await post(to);
  await ran(response_function);
  const log = await sentLog(to);
  const resend = (process_policy: string) =>
    server.must("POST", `/v1/logs/${log.id}/action`, { action: "resend", process_policy });
  await resend("skip");
  const sent = async () =>
    (await server.must("GET", `/v1/logs?bucket=${to.bucketId}`)).data.filter(({ status }: Row) => status === "sent");
  await waitFor("the second delivery", async () => (await sent()).length === 2, PATIENCE);
  await resend("force");
  await ran(response_function, 2);
  await waitFor("the third delivery", async () => (await sent()).length === 3, PATIENCE);
  expect(await runs(response_function)).toHaveLength(2);
});

test("is referred to by name or id, by the classic name too, and cannot be deleted while it is", async () => {
  const id = await fn("r.body");
  const name = `after${made}`;
  const to = await route({ destination: `${answering}/takes`, response_function: name });
  const path = `/v1/buckets/${to.bucketId}/outputs/${to.outputId}`;
  expect(await server.must("GET", path)).toMatchObject({ response_function: name, response_function_id: id });
  const refused = await server.api("DELETE", `/v1/functions/${id}`);
  expect([refused.status, JSON.stringify(refused)]).toEqual([412, expect.stringContaining("output ")]);
  await server.must("PUT", path, { response_function: "" });
  expect(await server.must("GET", path)).toMatchObject({ response_function: "", response_function_id: "" });
  await server.must("PUT", path, { response_function_id: id });
  expect(await server.must("GET", path)).toMatchObject({ response_function: name, function: "" });
  const unknown = await server.api("PUT", path, { response_function: "nobody" });
  expect([unknown.status, JSON.stringify(unknown)]).toEqual([400, expect.stringContaining("there is no function")]);
});

test("threat: of an ephemeral bucket nothing that it says is written", async () => {
  const response_function = await fn("console.log('said ' + r.body + r.responseBody)");
  const to = await server.route({
    bucket: { ephemeral: true },
    output: { internal: false, destination: `${answering}/takes`, response_function },
  });
  await post(to, "unwritten-77aa");
  expect((await ran(response_function))[0]).toMatchObject({ status: "success", logs: [] });
});
