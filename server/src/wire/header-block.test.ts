import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHeaderBlock, encodeHeaderBlock } from "./header-block.js";

/** What HTTP/1.1 lets through in a field: anything in ISO 8859-1 but CR, LF and NUL. */
const latin1 = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code === 10 || code === 13 ? 32 : code)),
});
const fields = fc.array(fc.tuple(latin1, latin1), { minLength: 1 }).map((pairs) => pairs.flat());

test("any header fields come back as they were: order, case, repetition, odd bytes, empty values", () => {
  fc.assert(
    fc.property(fields, (raw) => {
      expect(decodeHeaderBlock(encodeHeaderBlock(raw))).toEqual(raw);
    }),
  );
});

test("no fields at all are no fields", () => {
  expect(decodeHeaderBlock(encodeHeaderBlock([]))).toEqual([]);
});

test("a block inside a larger buffer is read by its own bounds", () => {
  const block = encodeHeaderBlock(["A", "1"]);
  const larger = Buffer.concat([Buffer.from("xx"), block, Buffer.from("yy")]);
  expect(decodeHeaderBlock(new Uint8Array(larger.buffer, larger.byteOffset + 2, block.length))).toEqual(["A", "1"]);
});
