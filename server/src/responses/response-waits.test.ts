import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ResponseWaits, type WaitEnd } from "./response-waits.js";

const ANSWER = { status: 201, headers: new Uint8Array(), body: Buffer.from("banana") };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function waits() {
  const all = new ResponseWaits(1_000);
  const ends: WaitEnd[] = [];
  const wait = all.open("w", { bucketId: "b", timeoutMs: 10_000 }, (end) => ends.push(end));
  return { all, ends, wait };
}

test("the first answer is the sender's, and the others are known to be of this server", () => {
  const { all, ends, wait } = waits();
  wait.expect(3);
  all.over("w", undefined);
  all.over("w", ANSWER);
  expect(ends).toEqual([{ kind: "answered", answer: ANSWER }]);
  expect(all.waiting).toBe(0);
  expect(all.has("w")).toBe(true);
  all.over("w", ANSWER);
  expect(all.has("w")).toBe(false);
  expect(ends).toHaveLength(1);
});

test("an answer may come before the commit's, from another server", () => {
  const { all, ends, wait } = waits();
  all.over("w", ANSWER);
  wait.expect(1);
  expect(ends).toEqual([{ kind: "answered", answer: ANSWER }]);
  expect(all.has("w")).toBe(false);
});

test("nobody waits for deliveries that cannot answer", () => {
  const { all, ends, wait } = waits();
  wait.expect(2);
  all.over("w", undefined);
  expect(ends).toEqual([]);
  all.over("w", undefined);
  expect(ends).toEqual([{ kind: "unanswered" }]);
  const none: WaitEnd[] = [];
  all.open("x", { bucketId: "b", timeoutMs: 10_000 }, (end) => none.push(end)).expect(0);
  expect(none).toEqual([{ kind: "unanswered" }]);
});

test("the wait ends when its time is up, and with the server", () => {
  const { all, ends, wait } = waits();
  wait.expect(1);
  vi.advanceTimersByTime(9_999);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ends).toEqual([{ kind: "late" }]);
  expect(all.has("w")).toBe(false);
  all.open("y", { bucketId: "b", timeoutMs: 10_000 }, (end) => ends.push(end)).expect(1);
  all.endAll();
  expect(ends).toEqual([{ kind: "late" }, { kind: "unanswered" }]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a sender that hangs up frees its place and hears nothing", () => {
  const { all, ends, wait } = waits();
  wait.expect(1);
  wait.cancel();
  expect(all.waiting).toBe(0);
  all.over("w", ANSWER);
  expect(ends).toEqual([]);
  expect(all.has("w")).toBe(false);
});

test("a wait ends once, whatever comes in whatever order, and leaves nothing behind", () => {
  const event = fc.constantFrom("expect", "over", "answer", "cancel", "time");
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const { all, ends, wait } = waits();
      let expected = false;
      for (const each of events) {
        if (each === "expect" && !expected) {
          expected = true;
          wait.expect(2);
        } else if (each === "over") all.over("w", undefined);
        else if (each === "answer") all.over("w", ANSWER);
        else if (each === "cancel") wait.cancel();
        else if (each === "time") vi.advanceTimersByTime(4_000);
        expect(all.waiting).toBeGreaterThanOrEqual(0);
        expect(ends.length).toBeLessThanOrEqual(1);
      }
      vi.advanceTimersByTime(10_000);
      expect(all.waiting).toBe(0);
      expect(all.has("w")).toBe(false);
    }),
  );
});

test("threat: the senders of one bucket keep those of the others from waiting", () => {
  const all = new ResponseWaits(4);
  const wait = (webhookId: string, bucketId: string) =>
    all.open(webhookId, { bucketId, timeoutMs: 10_000 }, () => undefined);
  const first = wait("1", "greedy");
  wait("2", "greedy");
  expect([all.full("greedy"), all.full("other")]).toEqual([true, false]);
  wait("3", "other");
  wait("4", "third");
  expect(all.full("fourth")).toBe(true);
  first.cancel();
  expect([all.full("greedy"), all.full("fourth")]).toEqual([false, false]);
});
