import type pg from "pg";
import { expect, test } from "vitest";
import { waitFor } from "../../test/support/wait-for.js";
import { type Completion, completeDeliveries } from "../store/complete-deliveries.js";
import { BatchedWrites } from "./batched-writes.js";

/** Only the pool is a stand-in: what matters here is when statements end, and that they may fail. */
class SlowPool {
  readonly batches: string[][] = [];
  readonly #answers: ((error?: Error) => void)[] = [];

  get waiting(): number {
    return this.#answers.length;
  }

  query({ values }: { values: string[] }): Promise<{ rowCount: number }> {
    this.batches.push((values[0] ?? "").slice(1, -1).split(","));
    return new Promise((resolve, reject) => {
      this.#answers.push((error) => (error === undefined ? resolve({ rowCount: 1 }) : reject(error)));
    });
  }

  async answer(error?: Error): Promise<void> {
    const answer = await waitFor("a statement", () => this.#answers[0]);
    this.#answers.shift();
    answer(error);
  }
}

function completion(id: number): Completion {
  return {
    id: String(id).padStart(6, "0"),
    status: 1,
    statusCode: 200,
    attempt: 1,
    durationMs: 1,
    errorClass: "",
    keyVersion: 0,
    response: null,
  };
}

function start() {
  const pool = new SlowPool();
  const failures: unknown[] = [];
  const completions = new BatchedWrites<Completion>({
    write: (rows) => completeDeliveries(pool as unknown as pg.Pool, 7, rows),
    observer: { completed: () => undefined, failed: (error) => failures.push(error) },
  });
  return { pool, failures, completions };
}

test("what finishes while a batch is written becomes the next one, in order, at most 1,000 at a time", async () => {
  const { pool, completions } = start();
  completions.add(completion(0));
  await waitFor("the first batch", () => pool.waiting === 1);
  for (let i = 1; i <= 1_500; i += 1) completions.add(completion(i));
  const drained = completions.drain();
  for (let i = 0; i < 3; i += 1) await pool.answer();
  await drained;
  expect(pool.batches.map((batch) => batch.length)).toEqual([1, 1_000, 500]);
  expect(pool.batches.flat()).toEqual(Array.from({ length: 1_501 }, (_, i) => completion(i).id));
  expect(completions.length).toBe(0);
});

test("while the database is away they are kept and tried again", async () => {
  const { pool, failures, completions } = start();
  completions.add(completion(1));
  await pool.answer(new Error("database away"));
  await waitFor("the report", () => failures.length === 1);
  completions.add(completion(2));
  expect([...completions.ids()]).toEqual(["000001", "000002"]);
  await pool.answer();
  await completions.drain();
  expect(pool.batches).toEqual([["000001"], ["000001", "000002"]]);
});

test("a drain with nothing to do ends at once", async () => {
  await start().completions.drain();
});

test("what is added after the lease was lost is recorded, though a batch of before was on its way", async () => {
  const { pool, completions } = start();
  completions.add(completion(1));
  await waitFor("the first batch", () => pool.waiting === 1);
  completions.abandon();
  completions.add(completion(2));
  await pool.answer();
  await pool.answer();
  await completions.drain();
  expect(pool.batches).toEqual([["000001"], ["000002"]]);
});
