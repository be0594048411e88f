import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outcome } from "@relay/server/wire";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deliveryKey } from "./delivery-id.js";
import { openLedger } from "./ledger.js";
import { RECORD_BYTES } from "./ledger-record.js";

let directory = "";
let now = 1_700_000_000_000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "relay-ledger-"));
  now = 1_700_000_000_000;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function id(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number, 8);
  return bytes;
}

function open(capacity = 20_000) {
  return openLedger({
    directory,
    now: () => now,
    capacity,
    onWriteError: (error) => {
      throw error;
    },
  });
}

function record(number: number, outcome: Outcome = Outcome.OUTCOME_DELIVERED) {
  return { id: id(number), finishedAtMs: now, durationMs: number, statusCode: 204, outcome };
}

describe("the ledger", () => {
  test("remembers delivered ids over a restart, and only delivered ones", () => {
    const first = open();
    first.add(deliveryKey(id(1)), record(1));
    first.add(deliveryKey(id(2)), record(2, Outcome.OUTCOME_FAILED));
    first.flush();
    // No close: the process was killed.
    const second = open();
    expect(second.findDelivered(deliveryKey(id(1)))).toMatchObject({
      finishedAtMs: now,
      durationMs: 1,
      statusCode: 204,
    });
    expect(second.findDelivered(deliveryKey(id(2)))).toBeUndefined();
    expect(second.findDelivered(deliveryKey(id(3)))).toBeUndefined();
  });

  test("cut at any byte it still knows every whole record, and goes on behind it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (count, cut) => {
        const path = join(directory, "ledger.current");
        writeFileSync(path, "");
        const before = open();
        for (let i = 1; i <= count; i += 1) before.add(deliveryKey(id(i)), record(i));
        before.flush();
        before.close();
        const bytes = readFileSync(path);
        const kept = cut % (bytes.length + 1);
        writeFileSync(path, bytes.subarray(0, kept));
        const after = open();
        const whole = Math.floor(kept / RECORD_BYTES);
        for (let i = 1; i <= count; i += 1) {
          expect(after.findDelivered(deliveryKey(id(i))) !== undefined).toBe(i <= whole);
        }
        after.add(deliveryKey(id(99)), record(99));
        after.flush();
        after.close();
        const last = open();
        expect(last.findDelivered(deliveryKey(id(99)))).toBeDefined();
        if (whole > 0) expect(last.findDelivered(deliveryKey(id(whole)))).toBeDefined();
        last.close();
      }),
      { numRuns: 60 },
    );
  });

  test("a damaged record is skipped, its neighbours are kept", () => {
    const ledger = open();
    for (let i = 1; i <= 3; i += 1) ledger.add(deliveryKey(id(i)), record(i));
    ledger.flush();
    ledger.close();
    const path = join(directory, "ledger.current");
    const bytes = readFileSync(path);
    bytes[RECORD_BYTES + 3] = 0xaa;
    writeFileSync(path, bytes);
    const again = open();
    const known = [1, 2, 3].map((number) => again.findDelivered(deliveryKey(id(number))) !== undefined);
    expect(known).toEqual([true, false, true]);
  });

  test("keeps the last generation's worth in bounded files", () => {
    const capacity = 50;
    const ledger = open(capacity);
    for (let i = 1; i <= 1_000; i += 1) {
      ledger.add(deliveryKey(id(i)), record(i));
      if (i % 7 === 0) ledger.flush();
    }
    ledger.flush();
    ledger.close();
    const again = open(capacity);
    for (let i = 951; i <= 1_000; i += 1) expect(again.findDelivered(deliveryKey(id(i))), String(i)).toBeDefined();
    expect(again.findDelivered(deliveryKey(id(800)))).toBeUndefined();
    for (const name of ["ledger.current", "ledger.previous"]) {
      expect(readFileSync(join(directory, name)).length).toBeLessThanOrEqual((capacity + 7) * RECORD_BYTES);
    }
  });

  test("forgets after 24 hours", () => {
    const ledger = open();
    ledger.add(deliveryKey(id(1)), record(1));
    ledger.flush();
    now += 24 * 60 * 60 * 1000 + 1;
    expect(ledger.findDelivered(deliveryKey(id(1)))).toBeUndefined();
    expect(open().findDelivered(deliveryKey(id(1)))).toBeUndefined();
  });
});
