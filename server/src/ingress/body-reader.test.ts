import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BodyOutcome, BodyReader } from "./body-reader.js";

function start(limit: number, memory = Number.MAX_SAFE_INTEGER) {
  const stream = new PassThrough();
  const outcomes: BodyOutcome[] = [];
  let reserved = 0;
  const reader = new BodyReader(stream as unknown as IncomingMessage, limit, (bytes) => {
    reserved += bytes;
    return reserved <= memory;
  });
  reader.read((outcome) => outcomes.push(outcome));
  return { stream, outcomes, reader, reserved: () => reserved };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a body in any pieces is the bytes that were sent", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 20 }), async (pieces) => {
      const { stream, outcomes, reader, reserved } = start(10_000);
      for (const piece of pieces) stream.write(piece);
      stream.end();
      while (outcomes.length === 0) await turn();
      const [outcome] = outcomes;
      expect(outcome?.kind).toBe("complete");
      if (outcome?.kind === "complete") expect(Buffer.compare(outcome.body, Buffer.concat(pieces))).toBe(0);
      expect(reader.bytes).toBe(reserved());
    }),
    { numRuns: 50 },
  );
});

test("exactly the limit passes, one byte more does not", async () => {
  for (const [size, kind] of [
    [100, "complete"],
    [101, "too-large"],
  ] as const) {
    const { stream, outcomes } = start(100);
    stream.write(Buffer.alloc(60));
    stream.end(Buffer.alloc(size - 60));
    while (outcomes.length === 0) await turn();
    expect(outcomes[0]?.kind).toBe(kind);
  }
});

test("after a refusal nothing more is kept or reserved, and nothing is reported again", async () => {
  for (const { stream, outcomes, reserved } of [start(100), start(10_000, 100)]) {
    stream.write(Buffer.alloc(150));
    while (outcomes.length === 0) await turn();
    for (let i = 0; i < 20; i += 1) stream.write(Buffer.alloc(150));
    stream.end();
    await turn();
    await turn();
    stream.destroy();
    await turn();
    expect(outcomes).toHaveLength(1);
    expect(reserved()).toBe(150);
  }
});

test("what was reserved is what is given back, also for the piece that was refused", async () => {
  const { stream, outcomes, reader, reserved } = start(10_000, 100);
  stream.write(Buffer.alloc(80));
  stream.write(Buffer.alloc(80));
  while (outcomes.length === 0) await turn();
  expect(outcomes[0]?.kind).toBe("no-memory");
  expect(reader.bytes).toBe(reserved());
});

test("a sender that breaks off or fails is reported once as aborted", async () => {
  for (const end of [(s: PassThrough) => s.destroy(), (s: PassThrough) => s.destroy(new Error("reset"))]) {
    const { stream, outcomes } = start(100);
    stream.write(Buffer.alloc(10));
    await turn();
    end(stream);
    while (outcomes.length === 0) await turn();
    await turn();
    expect(outcomes).toEqual([{ kind: "aborted" }]);
  }
});
