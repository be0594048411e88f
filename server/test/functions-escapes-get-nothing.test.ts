import { afterAll, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { ESCAPE_CORPUS, escapeSource } from "./support/escape-corpus.js";
import { bodyOf, done, functionCall, responseOf } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
afterAll(() => runner.stop());

it.each(ESCAPE_CORPUS)("threat: $driver: $name", async (attempt) => {
  await runner.warm();
  const [pid] = runner.processIds;
  const result = await runner.run(functionCall(escapeSource(attempt), { driver: attempt.driver }));
  expect(responseOf(result)).toEqual({ status: undefined, body: "nothing" });
  expect(done(result)).toMatchObject({ stopped: false, logs: [], modified: { body: false, headers: false } });
  // The process is the same one, and the next function of somebody else finds everything in order.
  const next = await runner.run(functionCall("r.setBody(JSON.stringify(JSON.parse(r.body).id))", { bucketId: "b-2" }));
  expect(bodyOf(next)).toBe("7");
  expect(runner.processIds).toEqual([pid]);
});
