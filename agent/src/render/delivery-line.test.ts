import { Outcome } from "@relay/server/wire";
import { expect, test } from "vitest";
import type { ForwardReport } from "../forward/forwarder.js";
import { coloursFor } from "./colour.js";
import { deliveryJson, deliveryLine } from "./delivery-line.js";

const REPORT: ForwardReport = {
  deliveryId: "0190f2c4-0000-7000-8000-000000000001",
  bucket: "demo",
  output: "local",
  destination: "http://localhost:3000",
  method: "POST",
  path: "/x",
  bytes: 12,
  outcome: Outcome.OUTCOME_DELIVERED,
  status: 204,
  durationMs: 7,
  attempt: 1,
  tries: 1,
  error: "",
};
const AT = new Date(2026, 0, 2, 3, 4, 5);

test("one plain line without a terminal", () => {
  expect(deliveryLine(REPORT, AT, coloursFor({}, {}))).toBe("03:04:05 POST /x 204 7 ms 12 B #1");
});

test("colours on a terminal, unless NO_COLOR; FORCE_COLOR wins", () => {
  const coloured = (stream: { isTTY?: boolean }, env: Record<string, string>) =>
    deliveryLine(REPORT, AT, coloursFor(stream, env)).includes("\u001b[32m204");
  expect(coloured({ isTTY: true }, {})).toBe(true);
  expect(coloured({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(coloured({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(coloured({}, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(true);
  expect(coloured({ isTTY: true }, { FORCE_COLOR: "0" })).toBe(false);
});

test("threat: a path with control characters does not reach the terminal", () => {
  const line = deliveryLine({ ...REPORT, path: "/\u001b]0;owned\u0007\u009b2J" }, AT, coloursFor({}, {}));
  expect(line).toContain("/\\x1b]0;owned\\x07\\x9b2J");
});

test("a redirect says where it leads", () => {
  const error = "redirect to https://shop/hooks; set the destination to it";
  const line = deliveryLine(
    { ...REPORT, outcome: Outcome.OUTCOME_FAILED, status: 308, error },
    AT,
    coloursFor({}, { FORCE_COLOR: "1" }),
  );
  expect(line).toContain("\u001b[33m308\u001b[39m");
  expect(line.endsWith(` ${error}`)).toBe(true);
});

test("JSON has the outcome in words", () => {
  const failed = { ...REPORT, outcome: Outcome.OUTCOME_UNREACHABLE, status: 0, error: "refused" };
  expect(JSON.parse(deliveryJson(failed, AT))).toMatchObject({
    event: "delivery",
    outcome: "unreachable",
    status: 0,
    error: "refused",
  });
});
