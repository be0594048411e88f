import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BodyOutcome, BodyReader } from "./body-reader.js";
import { UnfinishedBodies } from "./unfinished-bodies.js";

function start(limit: number, { memory = Number.MAX_SAFE_INTEGER, announced = 0 } = {}) {
  const stream = new PassThrough();
  // Node's requests emit an error only to who listens for it.
  stream.on("error", () => undefined);
  const outcomes: BodyOutcome[] = [];
  let reserved = 0;
  const reader = new BodyReader({
    request: stream as unknown as IncomingMessage,
    limit,
    announced,
    reserve: (bytes) => {
      reserved += bytes;
      return reserved <= memory;
    },
    unfinished: new UnfinishedBodies({ maxBytes: Number.MAX_SAFE_INTEGER }),
    startedMs: 0,
  });
  reader.read((outcome) => outcomes.push(outcome));
  return { stream, outcomes, reader, reserved: () => reserved };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 50 });

test("a body in any pieces is the bytes that were sent", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), fc.boolean(), async (pieces, says, slowly) => {
      const announced = says ? pieces.reduce((sum, piece) => sum + piece.length, 0) : 0;
      const { stream, outcomes, reader, reserved } = start(10_000, { announced });
      for (const piece of pieces) {
        stream.write(piece);
        if (slowly) await turn();
      }
      stream.end();
      while (outcomes.length === 0) await turn();
      const [outcome] = outcomes;
      expect(outcome?.kind).toBe("complete");
      if (outcome?.kind === "complete") expect(Buffer.compare(outcome.body, Buffer.concat(pieces))).toBe(0);
      expect(reader.held).toBe(reserved());
    }),
    { numRuns: 100 },
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
  for (const { stream, outcomes, reserved } of [start(100), start(10_000, { memory: 100 })]) {
    stream.write(Buffer.alloc(150));
    while (outcomes.length === 0) await turn();
    const before = reserved();
    for (let i = 0; i < 20; i += 1) stream.write(Buffer.alloc(150));
    stream.end();
    await turn();
    await turn();
    stream.destroy();
    await turn();
    expect(outcomes).toHaveLength(1);
    expect(reserved()).toBe(before);
  }
});

test("what was reserved is what is given back, also for the piece that was refused", async () => {
  const { stream, outcomes, reader, reserved } = start(10_000, { memory: 100 });
  stream.write(Buffer.alloc(80));
  stream.write(Buffer.alloc(80));
  while (outcomes.length === 0) await turn();
  expect(outcomes[0]?.kind).toBe("no-memory");
  expect(reader.held).toBe(reserved());
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

test("threat: pieces of one byte; what is held, and counted, is at most twice the bytes", async () => {
  const { stream, outcomes, reader, reserved } = start(1_000_000);
  for (let i = 1; i <= 20_000; i += 1) {
    stream.write(Buffer.from([i]));
    if (i % 100 === 0) await turn();
    expect(reader.held).toBeLessThanOrEqual(Math.max(1_024, 2 * reader.received));
  }
  expect(reader.received).toBe(20_000);
  expect(reserved()).toBe(reader.held);
  stream.end();
  while (outcomes.length === 0) await turn();
  const [outcome] = outcomes;
  expect(outcome).toEqual({ kind: "complete", body: Buffer.from(Array.from({ length: 20_000 }, (_, i) => i + 1)) });
});

test("a body in one piece is not copied, and one that says its length ends there", async () => {
  const { stream, outcomes } = start(10_000, { announced: 5 });
  const piece = Buffer.from("hello");
  stream.write(piece);
  while (outcomes.length === 0) await turn();
  expect(outcomes).toEqual([{ kind: "complete", body: piece }]);
  expect(outcomes[0]?.kind === "complete" && outcomes[0].body.buffer).toBe(piece.buffer);
});
