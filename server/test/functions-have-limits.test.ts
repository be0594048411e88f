import { readFile } from "node:fs/promises";
import { afterAll, expect, it } from "vitest";
import { FUNCTION_LIMITS } from "../src/functions/function-limits.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, done, functionCall } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 2, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const js = (source: string) => runner.run(functionCall(source));
const lua = (source: string) => runner.run(functionCall(source, { driver: "lua" }));
const { bodyBytes, headerCount, logLines, logLineLength, logLength, sourceBytes, addressBytes } = FUNCTION_LIMITS;

it("a body of the largest size passes both ways, a larger one ends the run even when the function catches", async () => {
  const largest = done(await js(`r.setBody("x".repeat(${bodyBytes}))`));
  expect(largest.request.body).toHaveLength(bodyBytes);
  const [inJs, inLua] = [
    await js(`try { r.setResponseBody("x".repeat(${bodyBytes} + 1)) } catch {} r.setBody("went on")`),
    await lua(`pcall(function() r:SetRequestBody(("x"):rep(${bodyBytes} + 1)) end) r:SetRequestBody("went on")`),
  ];
  for (const result of [inJs, inLua]) expect(result).toMatchObject({ kind: "failed", reason: "output" });
});

it("headers, path and query are bounded", async () => {
  for (const source of [
    `for (let i = 0; i < ${headerCount}; i++) r.setHeader("x-" + i, "1")`,
    `r.setResponseHeader("x", "1".repeat(70000))`,
    `r.setPath("x".repeat(${addressBytes}))`,
    `r.setRawQuery("ü".repeat(${addressBytes}))`,
  ]) {
    expect(await js(source)).toMatchObject({ kind: "failed", reason: "output" });
  }
});

it("the log is bounded in lines, in their length and as a whole, and says what is missing", async () => {
  const many = done(await js(`for (let i = 0; i < ${logLines} + 5; i++) console.log(i)`)).logs;
  expect(many).toHaveLength(logLines + 1);
  expect(many.at(-1)?.text).toContain("5 more lines were dropped");
  const long = done(await lua(`for i = 1, 20 do print(("x"):rep(100000)) end`)).logs;
  expect(long[0]?.text).toHaveLength(logLineLength + 1);
  expect(long.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThan(logLength + 1_000);
});

it("what was logged before an error is told", async () => {
  for (const result of [await js(`console.log("before"); missing()`), await lua(`print("before") missing()`)]) {
    expect(result).toMatchObject({ kind: "failed", logs: [{ level: "info", text: "before" }] });
  }
});

it("a source beyond its size is refused", async () => {
  const result = await js(" ".repeat(sourceBytes + 1));
  expect(result).toMatchObject({
    kind: "failed",
    reason: "error",
    message: expect.stringContaining(String(sourceBytes)),
  });
});

it("a body that is no text is read as text with replacements, and as its bytes", async () => {
  const body = Buffer.from([0x61, 0xff, 0x00, 0x62]);
  const source = `r.setBody(JSON.stringify([r.body, Array.from(r.bodyBytes)]))`;
  expect(bodyOf(await runner.run(functionCall(source, { request: { body } })))).toBe(
    '["a\uFFFD\\u0000b",[97,255,0,98]]',
  );
});

it.runIf(process.platform === "linux")(
  "threat: a worker has no environment, and may start nothing and write nothing",
  async () => {
    await runner.warm();
    const [pid] = runner.processIds;
    const environment = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0").filter((entry) => entry !== "");
    expect(environment.map((entry) => entry.split("=")[0]).filter((name) => !name?.startsWith("NODE_CHANNEL"))).toEqual(
      ["TZ"],
    );
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).toMatch(/--(experimental-)?permission\0/);
  },
);

it("when the runner stops, what waits and what comes later is told busy, and no process is left", async () => {
  const own = new FunctionRunner({ workers: 1 });
  await own.warm();
  const pids = own.processIds;
  const running = own.run(functionCall("for (;;);"));
  const waiting = own.run(functionCall("1"));
  await own.stop();
  expect(await waiting).toMatchObject({ kind: "failed", reason: "busy" });
  expect(await own.run(functionCall("1"))).toMatchObject({ kind: "failed", reason: "busy" });
  expect(await running).toMatchObject({ kind: "failed", reason: "crashed" });
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
});

it("a process that dies under a run costs that run alone", async () => {
  const own = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
  try {
    await own.warm();
    const running = own.run(functionCall("for (;;);"));
    for (const pid of own.processIds) process.kill(pid, "SIGKILL");
    expect(await running).toMatchObject({ kind: "failed", reason: "crashed" });
    expect(bodyOf(await own.run(functionCall("r.setBody('again')")))).toBe("again");
  } finally {
    await own.stop();
  }
});
