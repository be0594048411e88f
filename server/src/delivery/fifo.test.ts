import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.js";

test("behaves like an array, whatever is done to it", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("push" as const), count: fc.nat(400) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("shift" as const), count: fc.nat(400) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain" as const), count: fc.constant(0) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const { kind, count } of steps) {
        if (kind === "drain") {
          expect(fifo.drain()).toEqual(model);
          model = [];
        }
        for (let i = 0; i < count; i += 1) {
          if (kind === "push") {
            fifo.push(next);
            model.push(next);
            next += 1;
          } else {
            // Thousands of these: expect() would take most of the time.
            if (fifo.peek() !== model[0] || fifo.shift() !== model.shift()) throw new Error("not the oldest");
          }
        }
        expect(fifo.length).toBe(model.length);
      }
    }),
    { numRuns: 60 },
  );
});

test("a million in and out stay quick: taking the first moves nothing", () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 1_000_000; i += 1) fifo.push(i);
  const started = performance.now();
  let sum = 0;
  for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) sum += item;
  expect(sum).toBe(499_999_500_000);
  expect(performance.now() - started).toBeLessThan(2_000);
});
