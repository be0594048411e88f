import type pg from "pg";
import { expect, test } from "vitest";
import { waitFor } from "../../test/support/wait-for.js";
import { AttemptRecorder } from "./attempt-recorder.js";

/** Only the pool is a stand-in: what matters here is when statements end, and that they may fail. */
class SlowPool {
  readonly batches: string[][] = [];
  readonly #answers: ((held: string[] | Error) => void)[] = [];

  query({ values }: { values: [string, string, number] }): Promise<{ rows: { id: string }[] }> {
    const ids = values[0].slice(1, -1).split(",");
    const attempts = values[1].slice(1, -1).split(",");
    this.batches.push(ids.map((id, i) => `${id}=${attempts[i]} of ${values[2]}`));
    return new Promise((resolve, reject) => {
      this.#answers.push((held) =>
        held instanceof Error ? reject(held) : resolve({ rows: held.map((id) => ({ id })) }),
      );
    });
  }

  async answer(held: string[] | Error): Promise<void> {
    const answer = await waitFor("a statement", () => this.#answers.shift());
    answer(held);
  }
}

function start() {
  const pool = new SlowPool();
  const failures: unknown[] = [];
  const ends: string[] = [];
  let holder = 7;
  const recorder = new AttemptRecorder({
    pool: pool as unknown as pg.Pool,
    holder: () => holder,
    onError: (error) => failures.push(error),
  });
  return {
    pool,
    failures,
    ends,
    recorder,
    changeHolder: () => {
      holder = 8;
    },
    record: (id: string, attempt: number) => recorder.record(id, attempt, (held) => ends.push(`${id} ${held}`)),
  };
}

test("what is announced while a batch is written becomes the next one; each is told whether it is recorded", async () => {
  const { pool, ends, record } = start();
  record("a", 2);
  record("b", 5);
  await waitFor("the first batch", () => pool.batches.length === 1);
  record("c", 3);
  expect(ends).toEqual([]);
  await pool.answer(["a"]);
  await pool.answer(["c"]);
  await waitFor("the end", () => ends.length === 3);
  expect(pool.batches).toEqual([["a=2 of 7", "b=5 of 7"], ["c=3 of 7"]]);
  expect(ends).toEqual(["a true", "b false", "c true"]);
});

test("while the database is away nobody is told anything; then it is written under the id this server has now", async () => {
  const { pool, failures, ends, record, changeHolder } = start();
  record("a", 2);
  await pool.answer(new Error("database away"));
  changeHolder();
  await pool.answer([]);
  await waitFor("the end", () => ends.length === 1);
  expect(failures).toHaveLength(1);
  expect(pool.batches).toEqual([["a=2 of 7"], ["a=2 of 8"]]);
  expect(ends).toEqual(["a false"]);
});

test("a recorder that was stopped tells nobody anything, and tries nothing again", async () => {
  const { pool, failures, ends, record, recorder } = start();
  record("a", 2);
  await waitFor("the statement", () => pool.batches.length === 1);
  recorder.stop();
  record("b", 2);
  await pool.answer(new Error("pool ended"));
  await new Promise((resolve) => setImmediate(resolve));
  expect([failures, ends, pool.batches.length]).toEqual([[], [], 1]);
});
