import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DestinationAnswer } from "../responses/destination-answer.js";
import { encodeHeaderBlock } from "../wire/index.js";
import { answerAsDestination } from "./answer-as-destination.js";

let answer: DestinationAnswer;
const server = createServer((_, response) => answerAsDestination(response, answer));
let url: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => void server.close());

async function answered(status: number, headers: readonly string[], body = "") {
  answer = { status, headers: encodeHeaderBlock(headers), body: Buffer.from(body) };
  return fetch(url, { redirect: "manual" });
}

test("a sender learns of the content and of what to do next", async () => {
  const response = await answered(
    429,
    ["Content-Type", "a/b", "Retry-After", "7", "ETag", '"x"', "Access-Control-Allow-Origin", "*", "X-Mine", "1"],
    "slow down",
  );
  expect(response.status).toBe(429);
  expect(await response.text()).toBe("slow down");
  const names = ["content-type", "retry-after", "etag", "access-control-allow-origin", "x-mine"];
  expect(names.map((name) => response.headers.get(name))).toEqual(["a/b", "7", '"x"', "*", "1"]);
});

test.each([
  ["a cookie for the relay's own name", "Set-Cookie"],
  ["a question for credentials", "WWW-Authenticate"],
  ["a promise of TLS for the relay's own name", "Strict-Transport-Security"],
  ["an end of the connection", "Connection"],
  ["another framing of the message", "Transfer-Encoding"],
  ["another length of the message", "Content-Length"],
  ["a file of the proxy before the relay", "X-Accel-Redirect"],
  ["a file of the proxy before the relay", "X-Sendfile"],
  ["a route of the proxy before the relay", "X-Envoy-Upstream-Service-Time"],
  ["an address in the private network", "X-Forwarded-For"],
  ["a name in the private network", "X-Served-By"],
  ["what the destination is made of", "Server"],
  ["a site's data to be cleared", "Clear-Site-Data"],
])("threat: a destination's answer brings %s (%s)", async (_, name) => {
  const response = await answered(200, [name, "7", name.toUpperCase(), "8", "X-Mine", "1"], "body");
  expect(await response.text()).toBe("body");
  expect(response.headers.get("x-mine")).toBe("1");
  const seen = response.headers.get(name) ?? "";
  expect(seen).not.toContain("7");
  expect(seen).not.toContain("8");
});

test("threat: an agent reports fields that would split the answer, or that nobody can send", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const name = fc.oneof(text, fc.constantFrom("x-a", "content-type", "x-a\r\nset-cookie: 1"));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, text), { maxLength: 5 }), async (fields) => {
      const latin1 = Buffer.from(fields.flat().join("\n"), "utf8");
      answer = { status: 200, headers: latin1, body: Buffer.from("whole") };
      const response = await fetch(url);
      expect(await response.text()).toBe("whole");
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(response.headers.get("content-security-policy")).toBe("sandbox");
    }),
    { numRuns: 100 },
  );
});
