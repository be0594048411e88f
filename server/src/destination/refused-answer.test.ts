import { expect, test } from "vitest";
import { refusedAnswer } from "./refused-answer.js";

const ORIGIN = "http://shop.internal:3000";

function answer(status: number, ...headers: string[]) {
  return refusedAnswer({ status, headers: headers.map((part) => Buffer.from(part, "latin1")) }, ORIGIN);
}

test.each([
  ["https://shop.internal/hooks", "https://shop.internal/hooks"],
  ["/hooks/", "http://shop.internal:3000/hooks/"],
  ["//other.internal/x", "http://other.internal/x"],
  ["http://[broken", "http://[broken"],
])("a redirect to %s says what to do", (location, shown) => {
  expect(answer(308, "Date", "now", "LOCATION", location)).toBe(`redirect to ${shown}; set the destination to it`);
});

test("an answer that leads nowhere says what would count", () => {
  expect(answer(304)).toBe("answered 304: only 2xx counts as delivered");
  // A value named like the header is not the header.
  expect(answer(300, "X-Name", "location", "X-Other", "y")).toBe("answered 300: only 2xx counts as delivered");
});

test("a status that speaks for itself needs no words", () => {
  expect([answer(404), answer(503, "Location", "/elsewhere")]).toEqual(["", ""]);
});

test("threat: an endless Location does not fill the log", () => {
  expect(answer(302, "Location", `/${"x".repeat(10_000)}`).length).toBeLessThan(400);
});
