import { expect, test } from "vitest";
import { coloursFor } from "./colours.js";
import { describeWebhook, MAX_SHOWN_BYTES } from "./describe-webhook.js";

const plain = coloursFor(false, {});
const AT = new Date(2026, 0, 2, 3, 4, 5);

function describe(body: Uint8Array, rest: { target?: string; rawHeaders?: string[] } = {}): string {
  const head = body.subarray(0, MAX_SHOWN_BYTES);
  return describeWebhook(
    { method: "POST", target: "/", rawHeaders: [], ...rest, head, bytes: body.length, latencyMs: 4 },
    AT,
    plain,
  );
}

test("shows method, path, latency, every header in its own case, and the body", () => {
  const rawHeaders = ["X-Twice", "1", "x-twice", "2"];
  expect(describe(Buffer.from('{"a":1}\nb'), { target: "/x?y=1", rawHeaders })).toBe(
    '03:04:05  POST /x?y=1  4 ms after it was received\n  X-Twice: 1\n  x-twice: 2\n\n  {"a":1}\n  b\n',
  );
});

test("a body that is no text is shown as its size and its first bytes", () => {
  expect(describe(Buffer.from([0xff, 0x00, 0x01]))).toContain("(3 bytes, not text) ff 00 01");
  expect(describe(Buffer.alloc(0))).toContain("(no body)");
});

test("a long text is cut, even in the middle of a character", () => {
  const text = describe(Buffer.from(`a${"é".repeat(3_000)}`));
  expect(text).toContain("… (6001 bytes, the first 2048 shown)");
  expect(text).not.toContain("�");
});

test("a stranger's webhook cannot send escape sequences to the terminal", () => {
  const evil = "\u001b]0;pwned\u0007\u009b2J\rx";
  const text = describe(Buffer.from(evil), { target: `/${evil}`, rawHeaders: ["x", evil] });
  expect(["\u001b", "\u0007", "\u009b", "\r"].filter((control) => text.includes(control))).toEqual([]);
  expect(text).toContain("\\x1b]0;pwned\\x07");
});
