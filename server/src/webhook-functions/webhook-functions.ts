import type { Catalog } from "../catalog/catalog.js";
import type { Bucket, Cron, Input, Output, RelayFunction } from "../catalog/model.js";
import type { ExecutionRecorder } from "../executions/execution-recorder.js";
import { functionVariables } from "../executions/function-variables.js";
import type { FunctionRuns } from "../executions/run-function.js";
import type { FunctionDone, FunctionFailed } from "../functions/function-result.js";
import { encodeHeaderBlock, WebhookRequest } from "../wire/index.js";
import { functionMetadata } from "./function-metadata.js";
import { functionRequest } from "./function-request.js";
import type { FunctionVerdict } from "./function-verdict.js";

export interface WebhookFunctionsOptions {
  readonly runs: FunctionRuns;
  readonly catalog: Catalog;
  readonly recorder: Pick<ExecutionRecorder, "record">;
}

/** A webhook on its way through a function. */
export interface FunctionSubject {
  readonly webhookId: string;
  readonly bucket: Bucket;
  /** What it came by; undefined when that was deleted meanwhile. */
  readonly input: Input | Cron | undefined;
  /** Undefined for the function of an input, which is run once for all deliveries. */
  readonly deliveryId: string | undefined;
  readonly output: Output | undefined;
  /** An encoded `WebhookRequest`. */
  readonly request: Uint8Array;
}

/** The functions that inputs, outputs and crons have webhooks pass through. */
export class WebhookFunctions {
  readonly #options: WebhookFunctionsOptions;

  constructor(options: WebhookFunctionsOptions) {
    this.#options = options;
  }

  /** Runs the function of the output, or else that of the input or cron, and records it. Never rejects. */
  async run(subject: FunctionSubject): Promise<FunctionVerdict> {
    const { output, input, bucket, webhookId, deliveryId } = subject;
    const called = this.#functionOf(output ?? input);
    // It cannot be deleted while something refers to it: this server has not seen it yet.
    if (called === undefined) return { kind: "failed", reason: "busy", text: "the function is not there" };
    const before = WebhookRequest.decode(subject.request);
    const result = await this.#options.runs.run({
      functionId: called.id,
      driver: called.driver,
      source: called.source,
      variables: functionVariables(called),
      bucketId: bucket.id,
      request: functionRequest(before),
      metadata: functionMetadata(subject),
    });
    this.#options.recorder.record({
      functionId: called.id,
      webhook: {
        id: webhookId,
        bucketId: bucket.id,
        ...(output === undefined ? {} : { outputId: output.id }),
        ...(deliveryId === undefined ? {} : { deliveryId }),
        ephemeral: bucket.ephemeral,
      },
      result,
    });
    if (result.kind === "failed") return { kind: "failed", reason: result.reason, text: problemOf(called, result) };
    if (result.stopped) return { kind: "stopped", response: result.response };
    return { kind: "passed", request: requestAfter(subject.request, before, result), response: result.response };
  }

  #functionOf(of: Input | Output | Cron | undefined): RelayFunction | undefined {
    return of === undefined ? undefined : this.#options.catalog.function(String(of.settings.function ?? ""));
  }
}

/** What it did not change keeps its bytes. */
function requestAfter(given: Uint8Array, before: WebhookRequest, { request, modified }: FunctionDone): Uint8Array {
  if (!Object.values(modified).includes(true)) return given;
  return WebhookRequest.encode({
    ...before,
    method: modified.method ? request.method : before.method,
    path: modified.path ? request.path : before.path,
    query: modified.rawQuery ? request.rawQuery : before.query,
    hasQuery: modified.rawQuery ? request.rawQuery !== "" : before.hasQuery,
    headers: modified.headers ? encodeHeaderBlock(request.headers.flat()) : before.headers,
    body: modified.body ? Buffer.from(request.body) : before.body,
  }).finish();
}

/** Where and how, and not what it said: that may hold the webhook or a secret, and stands sealed in the function's log. */
function problemOf({ name }: RelayFunction, { reason, line, column }: FunctionFailed): string {
  const at = line === undefined ? "" : ` at line ${line}${column === undefined ? "" : `, column ${column}`}`;
  return `the function "${name}" failed${at} (${reason}); the function's log says more`;
}
