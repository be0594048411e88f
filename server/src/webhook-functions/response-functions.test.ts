import { pino } from "pino";
import { expect, test } from "vitest";
import type { Catalog } from "../catalog/catalog.js";
import type { FunctionCall } from "../functions/function-call.js";
import type { FunctionResult } from "../functions/function-result.js";
import { encodeWebhookRequest } from "../wire/encode-webhook-request.js";
import { ResponseFunctions } from "./response-functions.js";

const RESULT: FunctionResult = { kind: "failed", reason: "error", message: "", logs: [], durationMs: 0 };
const ATTEMPT = { statusCode: 200, attempt: 1, durationMs: 1, errorClass: "", answer: undefined };

/** Runs end when `release` is called. */
function slowRuns() {
  const started: string[] = [];
  const waiting: (() => void)[] = [];
  const run = ({ bucketId }: FunctionCall) => {
    started.push(bucketId);
    return new Promise<FunctionResult>((resolve) => waiting.push(() => resolve(RESULT)));
  };
  const release = () => {
    for (const end of waiting.splice(0)) end();
  };
  return { started, run, release };
}

function made({ run }: Pick<ReturnType<typeof slowRuns>, "run">) {
  const counts = { dropped: 0, recorded: 0 };
  const catalog = {
    output: (id: string) => ({ id, name: id, settings: { response_function: "f" } }),
    function: () => ({ id: "f", driver: "js", source: "", secrets: {} }),
    bucket: (id: string) => ({ id, name: id, ephemeral: false }),
    input: () => undefined,
  } as unknown as Catalog;
  const functions = new ResponseFunctions({
    runs: { run },
    catalog,
    recorder: {
      record() {
        counts.recorded += 1;
        return "";
      },
    },
    logger: pino({ level: "silent" }),
    dropped(count) {
      counts.dropped += count;
    },
  });
  const over = (bucketId: string, size = 10) => {
    const request = encodeWebhookRequest({
      method: "POST",
      path: "",
      query: "",
      hasQuery: false,
      rawHeaders: [],
      body: Buffer.alloc(size),
      remoteAddress: "",
    });
    const ids = { id: "d", webhookId: "w", inputId: "i", outputId: `o-${bucketId}` };
    functions.over({ ...ids, bucketId, skipFunction: false, request }, ATTEMPT, "sent");
  };
  return { functions, over, counts };
}

test("threat: a flood of one bucket is bounded, counted, and does not keep others from their turn", async () => {
  const runs = slowRuns();
  const { functions, over, counts } = made(runs);
  for (let i = 0; i < 5_000; i += 1) over("flood");
  expect(runs.started).toEqual(["flood", "flood"]);
  expect(counts.dropped).toBe(5_000 - 502);
  over("other");
  expect(runs.started).toEqual(["flood", "flood", "other"]);
  const timer = setInterval(runs.release, 1);
  await functions.stop();
  clearInterval(timer);
  expect(counts.recorded).toBe(503);
  expect(runs.started).toHaveLength(503);
});

test("threat: what waits holds so many bytes of a bucket, and of all together", () => {
  const runs = slowRuns();
  const { over, counts } = made(runs);
  for (let i = 0; i < 12; i += 1) over("large", 1 << 20);
  expect(counts.dropped).toBe(3);
  for (let bucket = 0; bucket < 10; bucket += 1) for (let i = 0; i < 7; i += 1) over(`b-${bucket}`, 1 << 20);
  // Eight run, two of each bucket at most; what waits stays below 32 MiB.
  expect(runs.started).toHaveLength(8);
  expect(12 + 70 - counts.dropped - runs.started.length).toBeLessThanOrEqual(32);
});
