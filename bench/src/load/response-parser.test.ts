import fc from "fast-check";
import { expect, test } from "vitest";
import { createResponseParser } from "./response-parser.js";

const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello");

test("finds the same answer however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: ANSWER.length - 1 }), { maxLength: 8 }), (cuts) => {
      const parser = createResponseParser();
      const ends = [...cuts.toSorted((a, b) => a - b), ANSWER.length];
      let from = 0;
      const results = ends.map((end) => {
        const status = parser.feed(ANSWER.subarray(from, end));
        from = end;
        return status;
      });
      expect(results.at(-1)).toBe(200);
      expect(results.slice(0, -1).every((status) => status === 0)).toBe(true);
    }),
  );
});

test.each([
  ["garbage", "SMTP ready\r\n\r\n"],
  ["no length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["more bytes than announced", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK"],
  ["an odd status", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"],
])("refuses %s", (_name, text) => {
  expect(() => createResponseParser().feed(Buffer.from(text))).toThrow(/^response: /);
});

test("says when the server closes", () => {
  const parser = createResponseParser();
  expect(parser.feed(Buffer.from("HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"))).toBe(503);
  expect(parser.closing).toBe(true);
});
