import type pg from "pg";
import { pino } from "pino";
import { expect, test } from "vitest";
import { deafHint } from "../../test/support/deaf-hint.js";
import { KnownAgents } from "./known-agents.js";

function start() {
  let table: { agentId: number; outputId: string }[] = [];
  const loads: (() => void)[] = [];
  let hinted: () => void = () => undefined;
  const known = new KnownAgents({
    // Reads when it is asked, answers when the test says so.
    pool: {
      query: () => {
        const rows = table;
        return new Promise((resolve) => loads.push(() => resolve({ rows })));
      },
    } as unknown as pg.Pool,
    hint: {
      ...deafHint(),
      subscribe: (_topic, listener) => {
        hinted = () => listener([]);
        return () => undefined;
      },
    },
    logger: pino({ level: "silent" }),
    resumeWindowMs: 1_000,
  });
  return {
    known,
    loads,
    hint: () => hinted(),
    set: (rows: typeof table) => {
      table = rows;
    },
    async answer() {
      while (loads.length === 0) await new Promise((resolve) => setImmediate(resolve));
      loads.shift()?.();
    },
  };
}

test("each output has the agents that serve it", async () => {
  const { known, set, answer } = start();
  set([
    { agentId: 1, outputId: "a" },
    { agentId: 2, outputId: "a" },
    { agentId: 2, outputId: "b" },
  ]);
  const refreshed = known.refresh();
  await answer();
  await refreshed;
  expect([known.of("a"), known.of("b"), known.of("c")]).toEqual([[1, 2], [2], []]);
});

test("an agent that connects while the list is being read is in it when its own refresh ends", async () => {
  const { known, set, answer, loads } = start();
  const before = known.refresh();
  set([{ agentId: 1, outputId: "a" }]);
  const after = Promise.all([known.refresh(), known.refresh()]);
  await answer();
  await before;
  await answer();
  await after;
  expect(known.of("a")).toEqual([1]);
  expect(loads).toHaveLength(0);
});

test("a database that is away leaves the old list", async () => {
  const { known, set, answer } = start();
  set([{ agentId: 1, outputId: "a" }]);
  const first = known.refresh();
  await answer();
  await first;
  const broken = new KnownAgents({
    pool: { query: () => Promise.reject(new Error("away")) } as unknown as pg.Pool,
    hint: deafHint(),
    logger: pino({ level: "silent" }),
    resumeWindowMs: 1,
  });
  await broken.refresh();
  expect(broken.of("a")).toEqual([]);
  expect(known.of("a")).toEqual([1]);
});
