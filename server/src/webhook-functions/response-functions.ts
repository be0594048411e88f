import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Output } from "../catalog/model.js";
import type { ExecutionRecorder } from "../executions/execution-recorder.js";
import { functionVariables } from "../executions/function-variables.js";
import type { FunctionRuns } from "../executions/run-function.js";
import { BucketTurns, type Waiting } from "../functions/bucket-turns.js";
import type { DeliveryOutcome } from "../functions/delivery-outcome.js";
import { decodeHeaderBlock, WebhookRequest } from "../wire/index.js";
import { functionMetadata } from "./function-metadata.js";
import { functionRequest } from "./function-request.js";
import { hasResponseFunction } from "./has-response-function.js";
import { headerLines } from "./header-lines.js";

/** A delivery whose outcome is known. */
export interface OverDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly bucketId: string;
  readonly inputId: string;
  readonly outputId: string;
  /** Sent again by somebody who wants no functions to see it. */
  readonly skipFunction: boolean;
  /** An encoded `WebhookRequest`; empty when it could not be read. */
  readonly request: Uint8Array;
}

/** Its last attempt. */
export interface OverAttempt {
  readonly statusCode: number;
  readonly attempt: number;
  readonly durationMs: number;
  readonly errorClass: string;
  readonly answer: { readonly headers: Uint8Array; readonly body: Uint8Array } | undefined;
}

export interface ResponseFunctionsOptions {
  readonly runs: FunctionRuns;
  readonly catalog: Catalog;
  readonly recorder: Pick<ExecutionRecorder, "record">;
  readonly logger: Logger;
  /** So many did not run, because too many wait. */
  readonly dropped: (count: number) => void;
}

/** Runs at a time, and of one bucket: what webhooks wait for has the other workers. */
const RUNNING = 8;
const RUNNING_PER_BUCKET = 2;

/** Runs that wait, and bytes that they hold; what comes then is dropped, and counted. */
const LIMITS = { waiting: 2_000, waitingPerBucket: 500, waitingBytesPerBucket: 8 << 20 };
const WAITING_BYTES = 32 << 20;

/** Milliseconds that what waits has when the server stops. */
const STOP_MS = 5_000;

interface WaitingRun extends Waiting {
  readonly delivery: OverDelivery;
  readonly output: Output;
  readonly attempt: OverAttempt;
  readonly outcome: string;
}

/**
 * The functions that run after a delivery. Nobody waits for them, and they change nothing: of what they do and how they fail
 * only their log tells. At most once each: those of a server that is killed do not run.
 */
export class ResponseFunctions {
  readonly #options: ResponseFunctionsOptions;
  readonly #turns = new BucketTurns<WaitingRun>(LIMITS);
  readonly #running = new Map<string, number>();
  #runningCount = 0;
  #bytes = 0;
  #dropped = 0;
  #idle: () => void = () => undefined;

  constructor(options: ResponseFunctionsOptions) {
    this.#options = options;
  }

  /** Takes note of a delivery that is over; `outcome` is its status in the API. Never throws, never waits. */
  over(delivery: OverDelivery, attempt: OverAttempt, outcome: string): void {
    const output = this.#options.catalog.output(delivery.outputId);
    if (output === undefined || !hasResponseFunction(output)) return;
    if (delivery.skipFunction || delivery.request.length === 0) return;
    const bytes = delivery.request.length + (attempt.answer?.headers.length ?? 0) + (attempt.answer?.body.length ?? 0);
    const { bucketId } = delivery;
    if (!this.#turns.hasRoom({ bucketId, bytes }) || (this.#bytes > 0 && this.#bytes + bytes > WAITING_BYTES)) {
      this.#drop(output);
      return;
    }
    this.#bytes += bytes;
    this.#turns.push({ bucketId, bytes, delivery, output, attempt, outcome });
    this.#pump();
  }

  /** Resolves when what waits has run, or had the time for it. */
  async stop(): Promise<void> {
    if (this.#runningCount === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      timer = setTimeout(resolve, STOP_MS);
    });
    clearTimeout(timer);
    if (this.#turns.size > 0) this.#options.logger.warn({ count: this.#turns.size }, "response-functions.not-run");
  }

  #pump(): void {
    while (this.#runningCount < RUNNING) {
      const next = this.#turns.next((bucketId) => (this.#running.get(bucketId) ?? 0) < RUNNING_PER_BUCKET);
      if (next === undefined) break;
      this.#bytes -= next.bytes;
      void this.#run(next);
    }
    if (this.#runningCount > 0) return;
    if (this.#dropped > 0) this.#options.logger.warn({ count: this.#dropped }, "response-functions.dropped");
    this.#dropped = 0;
    this.#idle();
  }

  async #run(next: WaitingRun): Promise<void> {
    const { bucketId } = next;
    this.#runningCount += 1;
    this.#running.set(bucketId, (this.#running.get(bucketId) ?? 0) + 1);
    try {
      await this.#runAndRecord(next);
    } catch (error) {
      this.#options.logger.warn({ err: error, output: next.output.id }, "response-functions.failed");
    }
    const left = (this.#running.get(bucketId) ?? 1) - 1;
    if (left === 0) this.#running.delete(bucketId);
    else this.#running.set(bucketId, left);
    this.#runningCount -= 1;
    this.#pump();
  }

  async #runAndRecord({ delivery, output, attempt, outcome }: WaitingRun): Promise<void> {
    const { runs, catalog, recorder } = this.#options;
    const called = catalog.function(String(output.settings.response_function));
    const bucket = catalog.bucket(delivery.bucketId);
    if (called === undefined || bucket === undefined) return;
    const input = catalog.input(delivery.inputId)?.input;
    const result = await runs.run({
      functionId: called.id,
      driver: called.driver,
      source: called.source,
      variables: functionVariables(called),
      bucketId: bucket.id,
      request: functionRequest(WebhookRequest.decode(delivery.request)),
      outcome: outcomeOf(attempt, outcome),
      metadata: functionMetadata({ bucket, input, output }),
    });
    const webhook = {
      id: delivery.webhookId,
      bucketId: bucket.id,
      outputId: output.id,
      deliveryId: delivery.id,
      ofResponse: true,
      ephemeral: bucket.ephemeral,
    };
    recorder.record({ functionId: called.id, webhook, result });
  }

  #drop({ id }: Output): void {
    // Once per flood; the number follows when it is over.
    if (this.#dropped === 0) this.#options.logger.warn({ output: id }, "response-functions.too-many");
    this.#dropped += 1;
    this.#options.dropped(1);
  }
}

function outcomeOf(attempt: OverAttempt, outcome: string): DeliveryOutcome {
  const { statusCode, durationMs, errorClass, answer } = attempt;
  return {
    outcome,
    attempts: attempt.attempt,
    durationMs,
    error: errorClass,
    responseStatus: statusCode,
    ...(answer === undefined
      ? {}
      : { response: { headers: headerLines(decodeHeaderBlock(answer.headers)), body: answer.body } }),
  };
}
