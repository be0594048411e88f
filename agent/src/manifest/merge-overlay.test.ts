import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeOverlay } from "./merge-overlay.js";

test.each([
  [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
  [{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{ a: 1, b: 2 }, { a: null }, { b: 2 }],
  [{ a: null }, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: 1 }, { a: { b: null } }, { a: {} }],
  [{}, { a: { b: null, c: { d: null } } }, { a: { c: {} } }],
  [{ a: 1 }, {}, { a: 1 }],
])("%j with %j is %j", (base, overlay, merged) => {
  expect(mergeOverlay(base, overlay)).toEqual(merged);
});

test("where a secret is found is one value", () => {
  const token = (reference: object) => ({ tokens: { a: { own_secret: reference } } });
  expect(mergeOverlay(token({ env: "A" }), token({ file: "b" }))).toEqual(token({ file: "b" }));
  // Elsewhere, a mapping with the same keys merges.
  expect(mergeOverlay({ x: { env: "A" } }, { x: { file: "b" } })).toEqual({ x: { env: "A", file: "b" } });
});

test("applied twice it does no more than once, and never changes what it was given", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (base, overlay) => {
        const before = JSON.stringify([base, overlay]);
        const merged = mergeOverlay(base, overlay);
        expect(JSON.stringify([base, overlay])).toBe(before);
        expect(mergeOverlay(merged, overlay)).toEqual(merged);
      },
    ),
  );
});
