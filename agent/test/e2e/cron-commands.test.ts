import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listenOnLoopback } from "../../../server/test/support/listen-on-loopback.js";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome, startAgentProcess } from "../agent-process.js";
import { relayEnvironment, runAgent } from "./support/run-agent.js";

let server: TestServer;
let home: ReturnType<typeof agentHome>;
let destination: Listening;
const requests: { method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = await runServer();
  home = agentHome();
  destination = await listenOnLoopback(
    createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      requests.push({ method: request.method, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end();
    }),
  );
});
afterAll(async () => {
  await destination?.stop();
  home?.remove();
  await server?.close();
});

async function relay(...args: string[]) {
  const started = startAgentProcess(args, { ...relayEnvironment(server, home.path), TZ: "Asia/Tokyo" });
  const code = await started.exited;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

test("creates, lists, shows, changes and deletes a cron", async () => {
  const made = await relay(
    ...["cron", "create", "nightly", "-s", "30 2 * * *", "--timezone", "Europe/Berlin", "-m", "put"],
    ...["-d", "http://localhost:3000/hooks", "-p", "{}", "--header", "X-A=1", "--header", "X-A=2", "--missed", "once"],
  );
  expect(made.stderr).toBe("");
  expect(made.stdout).toMatch(
    /^Created cron nightly \([0-9a-f-]{36}\)\nNext run: \d{4}-\d\d-\d\d \d\d:30:00 \+09:00\n$/,
  );
  const listed = await relay("cron", "ls");
  expect(listed.stdout).toMatch(/^ID +NAME +SCHEDULE +TIME ZONE +ENABLED +NEXT RUN\n/);
  expect(listed.stdout).toMatch(/ nightly +30 2 \* \* \* +Europe\/Berlin +yes +\d{4}-\d\d-\d\d \d\d:30:00 \+09:00\n/);
  const shown = JSON.parse((await relay("cron", "inspect", "nightly")).stdout);
  expect(shown).toMatchObject({ method: "PUT", headers: { "X-A": ["1", "2"] }, missed: "once", recurring: true });
  const changed = await relay("cron", "update", "nightly", "--enabled", "false", "-p", "other");
  expect([changed.code, changed.stdout]).toEqual([0, expect.stringContaining("Next run: -\n")]);
  expect(JSON.parse((await relay("cron", "ls", "--json")).stdout)).toMatchObject([
    { id: shown.id, enabled: false, payload: "other", timezone: "Europe/Berlin" },
  ]);
  expect((await relay("cron", "rm", "nightly")).stdout).toBe("Deleted cron nightly\n");
  expect((await relay("cron", "inspect", "nightly")).stderr).toContain('There is no cron "nightly"');
});

test("says what is missing or wrong, and makes nothing", async () => {
  for (const [args, code, message] of [
    [["-d", "http://localhost/"], 2, "--schedule is missing"],
    [["-s", "@daily"], 2, "give either --destination"],
    [["-s", "@daily", "-d", "http://localhost/", "-b", "b"], 2, "give either --destination"],
    [["-s", "0 25 * * *", "-d", "http://localhost/"], 1, 'schedule: has the hour "25"'],
    [["-s", "@daily", "-d", "http://localhost/", "-F", "f"], 1, 'there is no function "f"'],
  ] as const) {
    const answer = await relay("cron", "create", "x", ...args);
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(message)]);
  }
  expect(await server.must("GET", "/v1/crons")).toEqual([]);
});

test("what a cron sends reaches the destination through an agent", async () => {
  const made = await relay("cron", "create", "tick", "-s", "@every 1s", "-d", destination.url, "-p", '{"tick":true}');
  expect(made.code).toBe(0);
  const agent = await runAgent(server, { buckets: ["tick"], args: ["--quiet"] });
  try {
    const got = await waitFor("a webhook of the cron", () => requests[0], {
      timeoutMs: 30_000,
      everyMs: 50,
    });
    const { id } = await server.must("GET", "/v1/crons/tick");
    expect(got).toMatchObject({ method: "POST", body: '{"tick":true}' });
    expect(got.headers).toMatchObject({ "x-relay-cron": id, "content-type": "application/json" });
    expect(got.headers["x-relay-cron-time"]).toMatch(/:\d\d\.000Z$/);
  } finally {
    await agent.close();
  }
});
