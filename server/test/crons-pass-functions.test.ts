import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let one: TestServer;
let two: TestServer;
let menu: FaultMenu;
beforeAll(async () => {
  const env = { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8" };
  [one, menu] = await Promise.all([runServer({ env }), startFaultMenu()]);
  two = await runServer({ database: { url: one.database.url }, dataDir: one.dataDir, env });
});
afterAll(async () => {
  await two?.close();
  await one?.close();
  await menu?.close();
});

const SLOW = { timeoutMs: 60_000, everyMs: 100 };

// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
type Row = any;

let made = 0;
async function cronWith(payload: string, destination: string, fields: object = {}): Promise<Row> {
  made += 1;
  const name = `c${made}`;
  const { id } = await one.must("POST", "/v1/functions", { name, driver: "js", payload });
  const { id: bucket } = await one.must("POST", "/v1/buckets", { name, default_input: false });
  await one.must("POST", `/v1/buckets/${bucket}/outputs`, { name: "out", internal: false, destination });
  const cron = { name, schedule: "@every 1s", start_within: 300, payload: "tick", function: name, ...fields };
  const path = `/v1/buckets/${bucket}/crons`;
  const { id: cronId } = await one.must("POST", path, cron);
  return { name, functionId: id, bucket, cron: `${path}/${cronId}` };
}
const logs = async (bucket: string): Promise<Row[]> => (await one.must("GET", `/v1/logs?bucket=${bucket}`)).data;
const got = (place: string) => menu.requests.filter(({ url }) => url.startsWith(`/at/${place}`));

test("two servers: a cron's function sees each run once, before the outputs", async () => {
  const source = `r.setBody(r.body + " " + r.metadata.input_name); r.setHeader("X-Seen", r.metadata.bucket_name);`;
  const { name, functionId, bucket, cron } = await cronWith(source, menu.place("seen"));
  await waitFor("four runs", () => got("seen").length >= 4, SLOW);
  await one.must("PUT", cron, { enabled: false });
  const runs = await logs(bucket);
  const { execute_logs } = await waitFor(
    "their functions' logs",
    async () => {
      const found = await one.must("GET", `/v1/functions/${functionId}/logs`);
      return found.total >= runs.length && found;
    },
    SLOW,
  );
  expect(execute_logs).toHaveLength(runs.length);
  const due = runs.map(({ headers }) => headers["X-Relay-Cron-Time"][0]);
  expect(new Set(due).size).toBe(due.length);
  expect(new Set(runs.map((run) => run.input_function_execution_id))).toEqual(
    new Set(execute_logs.map(({ id }: Row) => id)),
  );
  for (const { body, headers } of got("seen")) {
    expect([body.toString(), headers["x-seen"]]).toEqual([`tick ${name}`, name]);
  }
});

test("what it stops or fails on is kept and delivered nowhere; others run on time meanwhile", async () => {
  const stopping = await cronWith("r.stopForwarding()", menu.place("never"));
  const failing = await cronWith("\nnull.x", menu.place("never"));
  const waiting = await cronWith(`http.get(${JSON.stringify(menu.url("hang-before-headers"))})`, menu.place("never"));
  const well = await cronWith("r.setBody('well')", menu.place("well"), { function: "" });
  await waitFor("runs of the other one", () => got("well").length >= 3, SLOW);
  const halted = (bucket: string) => waitFor("a run", async () => (await logs(bucket))[0], SLOW);
  expect(await halted(stopping.bucket)).toMatchObject({ status: "rejected", error: "the cron's function stopped it" });
  expect((await halted(failing.bucket)).error).toMatch(/failed at line 2, column \d+ \(error\)/);
  expect((await halted(waiting.bucket)).status).toBe("rejected");
  for (const { cron } of [stopping, failing, waiting, well]) await one.must("PUT", cron, { enabled: false });
  expect(menu.count("never")).toBe(0);
});

test("is referred to by name or id, shown by both, and cannot be deleted while it is", async () => {
  const { name, functionId, cron } = await cronWith("r.body", menu.place("unused"), { schedule: "@yearly" });
  expect(await one.must("GET", cron)).toMatchObject({ function: name, function_id: functionId });
  const refused = await one.api("DELETE", `/v1/functions/${functionId}`);
  expect([refused.status, JSON.stringify(refused)]).toEqual([412, expect.stringContaining(`cron ${name}/${name}`)]);
  expect(await one.must("PUT", cron, { function_id: "" })).toMatchObject({ function: "", function_id: "" });
  expect(await one.must("PUT", cron, { function_id: functionId })).toMatchObject({ function: name });
  expect((await one.api("PUT", cron, { function: "nobody" })).status).toBe(400);
});
