import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "../../../server/test/support/raw-http.js";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { fieldValues, type RawDestination, startRawDestination } from "./support/raw-destination.js";
import { runAgent, type TestAgent } from "./support/run-agent.js";

let server: TestServer;
let destination: RawDestination;
let route: Route;
let agent: TestAgent;

beforeAll(async () => {
  server = await runServer();
  destination = await startRawDestination();
  route = await server.route({ output: { destination: `${destination.url}/hooks` } });
  agent = await runAgent(server);
});
afterAll(async () => {
  await agent.close();
  await destination.stop();
  await server.close();
});

test.each(["http", "https"] as const)(
  "over %s an offer to upgrade ends at the relay, the webhook does not",
  async (scheme) => {
    const before = destination.requests.length;
    const body = "\0\xff binary \r\n\r\n";
    const lines = [
      `POST ${route.path} HTTP/1.1`,
      "Host: h",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
      "X-Kept: yes",
      `Content-Length: ${body.length}`,
    ];
    const answer = await rawRequest(server.at[scheme], `${lines.join("\r\n")}\r\n\r\n${body}`);
    expect([answer.status, answer.body]).toEqual([200, ""]);
    const request = await waitFor("the webhook at the destination", () => destination.requests[before]);
    expect(request.body.toString("latin1")).toBe(body);
    expect(fieldValues(request, "x-kept")).toEqual(["yes"]);
    for (const name of ["upgrade", "http2-settings"]) expect([name, fieldValues(request, name)]).toEqual([name, []]);
    expect(fieldValues(request, "connection").join()).not.toMatch(/upgrade|http2/i);
  },
);
