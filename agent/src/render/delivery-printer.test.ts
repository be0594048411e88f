import { Writable } from "node:stream";
import { Outcome } from "@relay/server/wire";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDeliveryPrinter } from "./delivery-printer.js";

const REPORT = {
  deliveryId: "",
  bucket: "",
  output: "",
  destination: "",
  method: "POST",
  path: "/",
  bytes: 0,
  outcome: Outcome.OUTCOME_DELIVERED,
  status: 200,
  durationMs: 0,
  attempt: 1,
  tries: 1,
  error: "",
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(most: number | null) {
  const written: string[] = [];
  let release: () => void = () => undefined;
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      release = done;
    },
  });
  const printer = createDeliveryPrinter({
    stdout: stream,
    format: () => "line",
    formatDropped: (count) => `… ${count} more`,
    most,
  });
  return { printer, written, release: () => release() };
}

test("many deliveries become one write", () => {
  const { printer, written } = setUp(null);
  for (let i = 0; i < 3; i += 1) printer.add(REPORT);
  vi.advanceTimersByTime(60);
  expect(written).toEqual(["line\nline\nline\n"]);
});

test("more than people can read is counted", () => {
  const { printer, written } = setUp(2);
  for (let i = 0; i < 10; i += 1) printer.add(REPORT);
  vi.advanceTimersByTime(60);
  expect(written).toEqual(["line\nline\n… 8 more\n"]);
});

test("a reader that does not read costs lines, not memory", async () => {
  const { printer, written, release } = setUp(null);
  printer.add(REPORT);
  vi.advanceTimersByTime(60);
  for (let i = 0; i < 25_000; i += 1) printer.add(REPORT);
  vi.advanceTimersByTime(1_000);
  expect(written).toHaveLength(1);
  release();
  await vi.advanceTimersByTimeAsync(100);
  expect(written).toHaveLength(2);
  expect(written[1]).toContain("… 15000 more");
});
