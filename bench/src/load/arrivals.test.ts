import { expect, test } from "vitest";
import { createArrivals } from "./arrivals.js";
import { requestTemplate } from "./request-template.js";
import { writeStamp } from "./stamp.js";

function head(sequence: number, id: string, attempt: number): string {
  const { bytes, stampAt } = requestTemplate({ host: "h", path: `/x`, body: Buffer.alloc(0) });
  writeStamp(bytes, stampAt, sequence, 5_000);
  const relay = `X-Relay-Delivery-Id: ${id}\r\nX-Relay-Attempt: ${attempt}\r\n`;
  return bytes.toString("latin1").replace("Accept:", `${relay}Accept:`);
}

function record(...heads: string[]) {
  const arrivals = createArrivals();
  arrivals.begin({ firstSequence: 0, trace: true });
  for (const text of heads) arrivals.record(text, 6_000, () => false);
  return arrivals.report();
}

test("a duplicate with the same id and a higher attempt is in order", () => {
  expect(record(head(7, "a", 1), head(7, "a", 2))).toMatchObject({ distinct: 1, duplicates: 1, violations: [] });
});

test("a duplicate with another id, or an attempt that did not grow, is a violation", () => {
  expect(record(head(7, "a", 1), head(7, "b", 2)).violations).toHaveLength(1);
  expect(record(head(7, "a", 2), head(7, "a", 2)).violations).toHaveLength(1);
});

test("latency is counted from the moment a request was due", () => {
  expect(record(head(1, "a", 1)).latency).toMatchObject({ count: 1, max: 1 });
});

test("a request without a stamp is counted as unreadable", () => {
  expect(record("POST / HTTP/1.1\r\nHost: h\r\n")).toMatchObject({ unreadable: 1, distinct: 0 });
});
