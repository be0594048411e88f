import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";

const docs = await readFile(new URL("../../docs/handshakes.md", import.meta.url), "utf8");
const sources = new Map(
  [...docs.matchAll(/^## ([a-z-]+)\n[^#]*?```js\n(.*?)```/gms)].map(([, n = "", s = ""]) => [n, s]),
);

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server?.close());

const digest = createHmac("sha256", "s3").update("abc").digest("base64");

/** Each: the handshake, and what the provider wants for it. */
test.each([
  ["slack-handshake", {}, { body: '{"type":"url_verification","challenge":"c1"}' }, [200, "text/plain", "c1"]],
  ["graph-handshake", {}, { query: "?validationToken=a%20b%3Cc", body: "" }, [200, "text/plain", "a b<c"]],
  [
    "meta-handshake",
    { VERIFY_TOKEN: "s3" },
    { query: "?hub.mode=subscribe&hub.challenge=42&hub.verify_token=s3" },
    [200, "text/plain", "42"],
  ],
  [
    "meta-handshake",
    { VERIFY_TOKEN: "s3" },
    { query: "?hub.mode=subscribe&hub.challenge=42&hub.verify_token=wrong" },
    [403, "text/plain", ""],
  ],
  [
    "x-handshake",
    { CONSUMER_SECRET: "s3" },
    { query: "?crc_token=abc" },
    [200, "application/json", `{"response_token":"sha256=${digest}"}`],
  ],
])("%s with %j answers %j, and lets events pass", async (name, variables, handshake, wanted) => {
  const { query = "", body } = handshake as { query?: string; body?: string };
  const fields = { name: `${name} for ${query}.`, driver: "js", payload: sources.get(name), variables };
  const { id } = await server.must("POST", "/v1/functions", fields);
  const { path, bucketId } = await server.route({ input: { function: id } });
  const url = server.at.http + path;
  const answer = await fetch(url + query, body === undefined ? {} : { method: "POST", body });
  expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual(wanted);
  const event = await fetch(url, { method: "POST", body: '{"type":"event"}' });
  expect([event.status, await event.text()]).toEqual([200, ""]);
  const { data } = await server.must("GET", `/v1/logs?bucket=${bucketId}`);
  const byBody = (data as { body: string; status: string }[]).map((log) => [log.body, log.status === "rejected"]);
  expect(byBody).toContainEqual(['{"type":"event"}', false]);
  expect(byBody).toContainEqual([body ?? "", true]);
});

test("every handshake of the document is performed here", () => {
  expect([...sources.keys()]).toEqual(["slack-handshake", "graph-handshake", "meta-handshake", "x-handshake"]);
});
