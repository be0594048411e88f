import { afterAll, expect, it } from "vitest";
import type { FunctionDriver } from "../src/functions/function-call.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, functionCall } from "./support/function-call.js";
import { waitFor } from "./support/wait-for.js";

// Fewer milliseconds than the default, so that this file takes seconds; enough for honest functions on a busy machine.
const runner = new FunctionRunner({ workers: 2, deadlineMs: 700, killGraceMs: 500, waitMs: 60_000 });
// For what ends by another limit than time, however slow the machine is.
const patient = new FunctionRunner({ workers: 2, deadlineMs: 20_000, waitMs: 60_000 });
afterAll(() => Promise.all([runner.stop(), patient.stop()]));

const BOMBS: readonly [name: string, driver: FunctionDriver, reasons: readonly string[], source: string][] = [
  ["an endless loop", "js", ["timeout"], "for (;;);"],
  ["a loop that catches", "js", ["timeout"], "for (;;) { try { for (;;); } catch {} finally { continue } }"],
  ["a loop in a trap of a proxy", "js", ["timeout"], "new Proxy({}, { get() { for (;;); } }).x"],
  ["a loop in a comparison", "js", ["timeout"], "Array(1e6).fill(0).map((_, i) => i).sort(() => { for (;;); })"],
  ["a loop in toJSON", "js", ["timeout"], "JSON.stringify({ toJSON() { for (;;); } })"],
  ["a loop of microtasks", "js", ["timeout"], "const f = () => Promise.resolve().then(f); f()"],
  [
    "a loop in an async function that catches",
    "js",
    ["timeout"],
    "(async () => { for (;;) { try { await null; for (;;); } catch {} } })()",
  ],
  ["a loop while the error is described", "js", ["timeout"], "throw { get message() { for (;;); } }"],
  ["a regular expression that backtracks", "js", ["timeout"], "/^(a+)+$/.test('a'.repeat(60) + 'b')"],
  [
    "a giant regular expression",
    "js",
    ["error", "timeout", "memory"],
    "new RegExp('(a|b){1,9999}'.repeat(9999)).test('ab')",
  ],
  ["a promise that never settles", "js", ["error"], "(async () => { await new Promise(() => {}) })()"],
  ["a heap of strings", "js", ["memory", "timeout"], "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)"],
  ["a heap of bytes", "js", ["memory"], "const a = []; for (;;) a.push(new Uint8Array(1e6))"],
  [
    "a heap that is caught",
    "js",
    ["memory", "timeout"],
    "const a = []; for (;;) { try { a.push(new Uint8Array(1e5)) } catch {} }",
  ],
  ["recursion", "js", ["error"], "const f = () => f() + 1; f()"],
  ["deep JSON", "js", ["error"], "JSON.parse('['.repeat(1e6))"],
  ["deep source", "js", ["error"], "eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))"],
  ["an endless loop", "lua", ["timeout"], "while true do end"],
  ["a loop that catches", "lua", ["timeout"], "while true do pcall(function() while true do end end) end"],
  ["a loop in a coroutine", "lua", ["timeout"], "while true do coroutine.wrap(function() while true do end end)() end"],
  [
    "a loop in a metamethod",
    "lua",
    ["timeout"],
    "return setmetatable({}, { __index = function() while true do end end }).x",
  ],
  ["a loop in a comparison", "lua", ["timeout"], "table.sort({ 3, 2, 1 }, function() while true do end end)"],
  ["a loop in a replacement", "lua", ["timeout"], "('x'):gsub('.', function() while true do end end)"],
  ["a pattern that backtracks", "lua", ["timeout"], "(('a'):rep(40)):find(('.-'):rep(40) .. 'b')"],
  ["a heap", "lua", ["memory"], "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end"],
  [
    "a heap that is caught",
    "lua",
    ["timeout"],
    "local t = {} while true do pcall(function() t[#t + 1] = ('x'):rep(1e6) .. #t end) end",
  ],
  ["one string too large", "lua", ["memory", "error"], "local s = ('x'):rep(1e9)"],
  ["recursion", "lua", ["error"], "local function f() return f() + 1 end f()"],
  [
    "recursion through the host",
    "lua",
    ["error"],
    "local function f() return pcall(string.gsub, 'x', '.', f) end error(select('#', f()))",
  ],
];

it.each(BOMBS)("threat: %s (%s)", { timeout: 60_000 }, async (_name, driver, reasons, source) => {
  const pool = reasons.includes("timeout") ? runner : patient;
  const bomb = pool.run(functionCall(source, { driver, bucketId: "bad" }));
  const others = Array.from({ length: 6 }, (_, at) => {
    const good =
      at % 2 === 0
        ? ({ driver: "js", bucketId: `good-${at}` } as const)
        : ({ driver: "lua", bucketId: `good-${at}` } as const);
    return pool.run(functionCall(good.driver === "js" ? `r.setBody("${at}")` : `r:SetRequestBody("${at}")`, good));
  });
  const bodies = (await Promise.all(others)).map(bodyOf);
  expect(bodies).toEqual(["0", "1", "2", "3", "4", "5"]);
  const result = await bomb;
  expect(result.kind === "failed" ? reasons : []).toContain(result.kind === "failed" ? result.reason : "done");
});

it("threat: a function that cannot be interrupted is killed; the others' processes live on, and a new one stands ready", async () => {
  const own = new FunctionRunner({ workers: 2, deadlineMs: 200, killGraceMs: 200, waitMs: 60_000 });
  try {
    await Promise.all([1, 2].map((at) => own.run(functionCall("r.setBody('x')", { bucketId: `b-${at}` }))));
    await waitFor("two processes", () => own.processIds.length === 2 || own.run(functionCall("1")).then(() => false), {
      timeoutMs: 30_000,
    });
    const before = own.processIds;
    const stuck = "(('a'):rep(40)):find(('.-'):rep(40) .. 'b')";
    expect(await own.run(functionCall(stuck, { driver: "lua" }))).toMatchObject({ kind: "failed", reason: "timeout" });
    expect(own.processIds.filter((pid) => before.includes(pid))).toHaveLength(1);
    expect(own.processIds).toHaveLength(2);
    expect(bodyOf(await own.run(functionCall("r.setBody('y')")))).toBe("y");
  } finally {
    await own.stop();
  }
});

it("threat: a bucket full of endless loops leaves a worker to the others, and is told busy beyond its places", {
  timeout: 60_000,
}, async () => {
  const turns = { waitingPerBucket: 3, waiting: 100, waitingBytesPerBucket: 1_000 };
  const own = new FunctionRunner({ workers: 2, deadlineMs: 500, killGraceMs: 2_000, waitMs: 60_000, turns });
  try {
    await own.warm();
    const loops = Array.from({ length: 8 }, () => own.run(functionCall("for (;;);", { bucketId: "bad" })));
    let ended = 0;
    for (const loop of loops)
      void loop.then((result) => (ended += result.kind === "failed" && result.reason === "timeout" ? 1 : 0));
    for (let round = 0; round < 20; round++) expect(bodyOf(await own.run(functionCall("r.setBody('ok')")))).toBe("ok");
    expect(ended).toBeLessThan(4);
    const reasons = (await Promise.all(loops)).map((result) => (result.kind === "failed" ? result.reason : "done"));
    expect(reasons.filter((reason) => reason === "busy")).toHaveLength(4);
    expect(reasons.filter((reason) => reason === "timeout")).toHaveLength(4);
  } finally {
    await own.stop();
  }
});
