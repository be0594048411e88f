import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleBucket, sampleInput } from "../../test/support/sample-catalog.js";
import { encodeHeaderBlock, WebhookRequest } from "../wire/index.js";
import { DuplicateKeys } from "./duplicate-keys.js";

const keys = new DuplicateKeys(Buffer.alloc(32, 7));

interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function request({ path = "", query = "", headers = [], body = "" }: Sent): Uint8Array {
  return WebhookRequest.encode({
    method: "POST",
    path,
    query,
    hasQuery: query !== "",
    headers: encodeHeaderBlock([...headers]),
    body: Buffer.from(body),
    remoteAddress: "192.0.2.1",
  }).finish();
}

function keyOf(deduplication: object | undefined, sent: Sent, by = keys) {
  const input = sampleInput({ settings: deduplication === undefined ? {} : { deduplication: { ...deduplication } } });
  return by.of({ inputId: input.id, request: request(sent) }, sampleBucket({ inputs: [input] }));
}

const BY_ID = { by: "payload", name: "event.id" };

test("an input that does not ask for it has no keys", () => {
  expect(keyOf(undefined, { body: "a" })).toBeUndefined();
  expect(keyOf({ by: "none" }, { body: "a" })).toBeUndefined();
});

test("the window is an hour unless it is said", () => {
  expect(keyOf({ by: "body" }, { body: "a" })?.windowSeconds).toBe(3_600);
  expect(keyOf({ by: "body", window: 60 }, { body: "a" })?.windowSeconds).toBe(60);
});

test.each([
  [BY_ID, '{"event":{}}'],
  [BY_ID, '{"event":{"id":null}}'],
  [BY_ID, '{"event":{"id":""}}'],
  [BY_ID, "no JSON"],
  [{ by: "header", name: "x-id" }, "a"],
  [{ by: "body" }, ""],
])("%j finds no key in %j", (deduplication, body) => {
  expect(keyOf(deduplication, { body })).toBeUndefined();
});

test("a header's name has no case, and only its value counts", () => {
  const by = { by: "header", name: "X-Id" };
  const one = keyOf(by, { headers: ["x-id", "7"], body: "a" });
  expect(one).toEqual(keyOf(by, { headers: ["X-ID", "7"], body: "b", path: "/elsewhere" }));
  expect(one).not.toEqual(keyOf(by, { headers: ["x-id", "8"], body: "a" }));
});

test("whole webhooks have the same key exactly when they are the same", () => {
  const sent = fc.record({
    path: fc.constantFrom("", "/a", "/a/b"),
    query: fc.constantFrom("", "a=1"),
    body: fc.constantFrom("a", "b", "/a", '","', "é"),
  });
  fc.assert(
    fc.property(sent, sent, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      const [a, b] = [one, other].map((each) => keyOf({ by: "body" }, each)?.hash);
      expect(a === b).toBe(same);
      expect(a).toMatch(/^[0-9a-f]{32}$/);
    }),
  );
});

test("threat: without the secret a key cannot be guessed", () => {
  const other = new DuplicateKeys(Buffer.alloc(32, 8));
  expect(keyOf({ by: "body" }, { body: "a" })).not.toEqual(keyOf({ by: "body" }, { body: "a" }, other));
});
