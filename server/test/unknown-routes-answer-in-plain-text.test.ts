import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "./support/raw-http.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());

function ask(origin: string, line: string) {
  return rawRequest(origin, `${line} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n`);
}

const LONG = `GET /v1/buckets/${"x".repeat(2_000)}`;

test.each([
  ["the root", "GET /", 404],
  ["an unknown path", "GET /v1/nope", 404],
  ["what browsers ask for", "GET /favicon.ico", 404],
  ["a method that a path does not have", "PATCH /v1/buckets", 404],
  ["an unusual method", "PROPFIND /v1/buckets", 404],
  ["a name that is too long", LONG, 400],
  ["a broken escape", "GET /v1/%zz", 400],
  ["an escape that is no UTF-8", "GET /v1/buckets/%E0%A4%A", 400],
] as const)("%s: a short text that names nobody", async (_what, line, status) => {
  const answer = await ask(server.at.http, line);
  expect([answer.status, answer.body]).toEqual([status, status === 404 ? "Not found" : "Bad request"]);
  expect(answer.head.join("\n")).toMatch(/^content-type: text\/plain; charset=utf-8$/im);
  expect(answer.head.join("\n")).not.toMatch(/fastify|powered|^server:/im);
});

test("the status listener answers alike", async () => {
  const answer = await ask(server.at.status, "GET /health/nope");
  expect([answer.status, answer.body]).toEqual([404, "Not found"]);
});
