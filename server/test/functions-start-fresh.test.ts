import { afterAll, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, done, functionCall } from "./support/function-call.js";

// One worker: whatever stays behind is there for the next run.
const runner = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const LEAVES = {
  js: `globalThis.left = "left"; Object.prototype.left = "left"; Array.prototype.push = () => "left"; JSON.parse = () => ({ left: 1 });
       r.setBody = () => {}; String.prototype.left = "left"; Math.random = () => 0; delete globalThis.console`,
  lua: `left = "left" string.left = "left" getmetatable("").__index = { left = "left" } string.format = nil
        require("json").decode = function() return { left = "left" } end tostring = nil r.RequestBody = "left"`,
};
const LOOKS = {
  js: `r.setBody(JSON.stringify([typeof left, typeof {}.left, typeof "".left, [].push(1), JSON.parse("{}"), typeof console.log]))`,
  lua: `local json = require("json")
        r:SetRequestBody(tostring(left) .. tostring(string.left) .. tostring(("").left) .. json.encode(json.decode("{}")) .. string.format("%d", 1))`,
};
const CLEAN = { js: '["undefined","undefined","undefined",1,{},"function"]', lua: "nilnilnil{}1" };

it.each(["js", "lua"] as const)(
  "threat: what a function in %s left behind, the next run does not see",
  async (driver) => {
    for (const bucketId of ["b-1", "b-1", "b-2", "b-1"]) {
      done(await runner.run(functionCall(LEAVES[driver], { driver, bucketId: "b-1" })));
      expect(bodyOf(await runner.run(functionCall(LOOKS[driver], { driver, bucketId })))).toBe(CLEAN[driver]);
    }
  },
);

it("threat: secrets of one run are not found by another one's new memory", async () => {
  const secret = "a-secret-that-is-easy-to-find";
  const variables = { KEY: secret };
  await runner.run(
    functionCall(`globalThis.all = []; for (let i = 0; i < 1000; i++) all.push(cfg.get("KEY") + i)`, { variables }),
  );
  const look = `let found = 0; for (let i = 0; i < 200; i++) { const bytes = new Uint8Array(20000);
    for (const byte of bytes) if (byte !== 0) found++; } r.setBody(String(found))`;
  expect(bodyOf(await runner.run(functionCall(look, { bucketId: "b-2" })))).toBe("0");
});

it("random numbers differ from run to run although each starts in the same memory", async () => {
  const js = new Set<string>();
  const lua = new Set<string>();
  for (let round = 0; round < 5; round++) {
    js.add(bodyOf(await runner.run(functionCall(`r.setBody(String(Math.random()))`))));
    lua.add(
      bodyOf(await runner.run(functionCall(`r:SetRequestBody(tostring(math.random(1 << 60)))`, { driver: "lua" }))),
    );
  }
  expect([js.size, lua.size]).toEqual([5, 5]);
});

it("runs after memory that grew, and after errors, start as fresh", async () => {
  for (const bucketId of ["b-1", "b-1", "b-2"]) {
    const big = `const big = []; for (let i = 0; i < 30; i++) big.push(new Uint8Array(1e6).fill(7)); missing()`;
    expect(await runner.run(functionCall(big, { bucketId }))).toMatchObject({ kind: "failed", reason: "error" });
    expect(bodyOf(await runner.run(functionCall(LOOKS.js, { bucketId })))).toBe(CLEAN.js);
  }
});
