import fc from "fast-check";
import { expect, test } from "vitest";
import { ANSWER_PART_BYTES, MAX_WANTED_RESPONSE_BYTES } from "../wire/index.js";
import { AnswerParts } from "./answer-parts.js";

const LARGE = Buffer.alloc(ANSWER_PART_BYTES, "x");

test("an answer is the sum of its parts, whatever comes between them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 50 })), { maxLength: 40 }), (parts) => {
      const answers = new AnswerParts();
      for (const [sequence, part] of parts) answers.add(sequence, part);
      for (const sequence of [0, 1, 2, 3]) {
        const own = parts.filter(([of]) => of === sequence).map(([, part]) => part);
        const last = Buffer.from("last");
        expect(Buffer.from(answers.take(sequence, last) ?? [])).toEqual(Buffer.concat([...own, last]));
      }
    }),
  );
});

test("threat: an answer that never ends is let go of at 1 MiB, and is none", () => {
  const answers = new AnswerParts();
  for (let bytes = 0; bytes <= 2 * MAX_WANTED_RESPONSE_BYTES; bytes += LARGE.length) answers.add(1, LARGE);
  answers.add(2, LARGE);
  expect(answers.take(1, LARGE)).toBeUndefined();
  expect(answers.take(2, LARGE)).toHaveLength(2 * LARGE.length);
});

test("threat: many answers at a time hold no more than 16 MiB", () => {
  const answers = new AnswerParts();
  const parts = Math.floor(MAX_WANTED_RESPONSE_BYTES / LARGE.length);
  for (let sequence = 1; sequence <= 100; sequence += 1) {
    for (let part = 0; part < parts; part += 1) answers.add(sequence, LARGE);
  }
  const held = Array.from({ length: 100 }, (_, at) => answers.take(at + 1, Buffer.of())?.length ?? 0);
  const sum = held.reduce((a, b) => a + b, 0);
  expect(sum).toBeGreaterThan(14 * MAX_WANTED_RESPONSE_BYTES);
  expect(sum).toBeLessThanOrEqual(16 * MAX_WANTED_RESPONSE_BYTES);
});
