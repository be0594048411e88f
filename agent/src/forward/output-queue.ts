import {
  type CallOptions,
  type CallResult,
  DestinationCall,
  DestinationConnections,
  describeFailure,
  endToEndHeaders,
  isDelivered,
  refusedAnswer,
} from "@relay/server/destination";
import { decodeHeaderBlock, MAX_WANTED_RESPONSE_BYTES, Outcome, type Output, WebhookRequest } from "@relay/server/wire";
import type { Dispatcher } from "undici";
import type { Job } from "./job.js";
import { type CallablePlan, type OutputPlan, type PlanOptions, plannedTarget, planOutput } from "./output-plan.js";
import { isRetryableStatus, type RetryPolicy, retryWaitMs } from "./retry-policy.js";

/** For a sender who waits for it. */
const WHOLE_ANSWER: CallOptions = {
  keepBytes: MAX_WANTED_RESPONSE_BYTES,
  keepDelivered: true,
  passBytes: Number.POSITIVE_INFINITY,
};

/** How a job ended. */
export interface JobEnd {
  readonly outcome: Outcome;
  readonly status: number;
  readonly error: string;
  readonly result: CallResult | null;
}

export interface OutputQueueOptions extends PlanOptions {
  /** Calls at a time; 1 keeps strict order, retries included. */
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  /** Monotonic milliseconds. */
  now(): number;
  /** Tells the server of the job's next try; `onAnswer` is told whether it may be made. */
  announce(job: Job, onAnswer: (mayTry: boolean) => void): void;
  /** The server does not want the job's next try: the delivery is somebody else's. */
  onRefused(job: Job): void;
  onEnd(job: Job, end: JobEnd, output: Output): void;
}

/**
 * The deliveries of one output: a queue in order of arrival, at most `concurrency` calls at a time over as many kept-alive
 * connections of its own, so that a slow destination holds up no other output. A job that waits for its next try keeps its
 * credit but gives its place back, unless there is only one place: then order wins.
 */
export class OutputQueue {
  output: Output;
  readonly #options: OutputQueueOptions;
  #plan: OutputPlan;
  #connections: DestinationConnections | null;
  readonly #fresh: Job[] = [];
  readonly #retries: Job[] = [];
  readonly #waiting = new Set<Job>();
  readonly #calls = new Map<DestinationCall, Job>();
  #stopped = false;

  constructor(output: Output, options: OutputQueueOptions) {
    this.output = output;
    this.#options = options;
    this.#plan = planOutput(output, options);
    this.#connections = this.#plan.kind === "callable" ? new DestinationConnections(this.#plan.connecting) : null;
  }

  /** Deliveries in hand: queued, waiting for a retry or being called. */
  get size(): number {
    return this.#fresh.length + this.#retries.length + this.#waiting.size + this.#calls.size;
  }

  get running(): number {
    return this.#calls.size;
  }

  /** Why no delivery of this output will be called, or null. */
  get refusal(): string | null {
    return this.#plan.kind === "refused" ? this.#plan.reason : null;
  }

  /** Takes a changed configuration; calls in flight end under the old one. */
  configure(output: Output): void {
    this.output = output;
    this.#plan = planOutput(output, this.#options);
    if (this.#plan.kind === "callable" && this.#connections?.serves(this.#plan.connecting)) return;
    this.#connections?.close();
    this.#connections = this.#plan.kind === "callable" ? new DestinationConnections(this.#plan.connecting) : null;
  }

  push(job: Job): void {
    this.#fresh.push(job);
    this.#fill();
  }

  /** Takes back what is not being called now: queued and waiting jobs, which the caller answers or forgets. */
  takeUnstarted(): Job[] {
    const jobs = [...this.#retries.splice(0), ...this.#fresh.splice(0)];
    for (const job of this.#waiting) {
      if (job.retryTimer !== null) clearTimeout(job.retryTimer);
      job.retryTimer = null;
      jobs.push(job);
    }
    this.#waiting.clear();
    return jobs;
  }

  /** From now on a failed try is the last one. */
  stopRetrying(): void {
    this.#stopped = true;
  }

  /** Gives up the calls that have taken longer than the output's timeout. */
  expire(now: number): void {
    if (this.#plan.kind === "refused") return;
    const { timeoutMs, destination } = this.#plan;
    for (const call of [...this.#calls.keys()]) {
      // Calls are kept in the order in which they started.
      if (now - call.startedAt < timeoutMs) return;
      call.cancel(new Error(`timed out after ${timeoutMs / 1000} s at ${destination.origin}`));
    }
  }

  /** Gives up every call at once. */
  cancelAll(): void {
    for (const call of [...this.#calls.keys()]) call.cancel(new Error("the agent is stopping"));
  }

  close(): void {
    this.#connections?.close();
  }

  #fill(): void {
    const single = this.#options.concurrency === 1;
    while (this.#calls.size < this.#options.concurrency) {
      if (single && this.#waiting.size > 0) return;
      const job = this.#retries.shift() ?? this.#fresh.shift();
      if (job === undefined) return;
      this.#call(job);
    }
  }

  #call(job: Job): void {
    const plan = this.#plan;
    if (plan.kind === "refused") {
      this.#blocked(job, plan.reason);
      return;
    }
    const now = this.#options.now();
    if (job.tries === 0) job.startedAt = now;
    job.tries += 1;
    job.lastAttempt = job.nextAttempt;
    let webhook: WebhookRequest;
    try {
      webhook = WebhookRequest.decode(job.request);
    } catch (error) {
      this.#end(job, failed(`the delivery cannot be read: ${(error as Error).message}`));
      return;
    }
    job.method = webhook.method;
    job.path = webhook.path;
    job.bodyBytes = webhook.body.length;
    const target = plannedTarget(plan, webhook);
    if (target === null) {
      this.#blocked(job, `this agent may not call ${plan.destination.origin}${webhook.path}`);
      return;
    }
    if (webhook.method === "CONNECT") {
      this.#end(job, failed("CONNECT cannot be forwarded"));
      return;
    }
    const request: Dispatcher.DispatchOptions = {
      path: target,
      method: webhook.method as Dispatcher.HttpMethod,
      headers: endToEndHeaders(decodeHeaderBlock(webhook.headers), plan.overrides, {
        id: job.idText,
        attempt: job.lastAttempt,
      }),
      body: webhook.body.length === 0 ? null : webhook.body,
    };
    const connections = this.#connections;
    if (connections === null) throw new Error("a callable output has connections");
    const client = connections.take();
    job.answerKept = job.answerWanted;
    const done = (result: CallResult): void => {
      this.#calls.delete(call);
      connections.giveBack(client, result.complete);
      this.#answered(job, result, plan);
      this.#fill();
    };
    const call: DestinationCall = new DestinationCall(now, done, job.answerKept ? WHOLE_ANSWER : undefined);
    this.#calls.set(call, job);
    client.dispatch(request, call as Dispatcher.DispatchHandler);
  }

  #answered(job: Job, result: CallResult, plan: CallablePlan): void {
    const { status } = result;
    if (isDelivered(status)) {
      this.#options.onEnd(job, { outcome: Outcome.OUTCOME_DELIVERED, status, error: "", result }, this.output);
      return;
    }
    if (status !== 0) {
      if (isRetryableStatus(status) && this.#retryLater(job, false)) return;
      const error = refusedAnswer(result, plan.destination.origin);
      this.#options.onEnd(job, { outcome: Outcome.OUTCOME_FAILED, status, error, result }, this.output);
      return;
    }
    const failure = describeFailure(result.error ?? new Error("no answer"), plan.destination.origin);
    if (failure.retryable && this.#retryLater(job, failure.broken)) return;
    const outcome = failure.blocked ? Outcome.OUTCOME_BLOCKED : Outcome.OUTCOME_UNREACHABLE;
    this.#options.onEnd(job, { outcome, status: 0, error: failure.text, result: null }, this.output);
  }

  /** Schedules the next try; false when there is none. A job whose session is over will come again by itself. */
  #retryLater(job: Job, broken: boolean): boolean {
    const wait = this.#stopped || job.session === null ? null : retryWaitMs(this.#options.retry, job.tries);
    if (wait === null) return false;
    // The frame around a waiting delivery must not stay in memory with it.
    if (job.tries === 1) job.request = Uint8Array.prototype.slice.call(job.request);
    this.#waiting.add(job);
    // A broken connection was most often an idle one that the destination was closing: a new one is tried at once.
    const delay = broken && job.tries === 1 ? 0 : wait;
    // Its time has come and its number is recorded, whichever is later.
    let missing = 2;
    const goOn = (): void => {
      missing -= 1;
      if (missing > 0 || !this.#waiting.delete(job)) return;
      this.#retries.push(job);
      this.#fill();
    };
    job.retryTimer = setTimeout(() => {
      job.retryTimer = null;
      goOn();
    }, delay);
    this.#options.announce(job, (mayTry) => (mayTry ? goOn() : this.#refused(job)));
    return true;
  }

  #refused(job: Job): void {
    if (!this.#waiting.delete(job)) return;
    if (job.retryTimer !== null) clearTimeout(job.retryTimer);
    job.retryTimer = null;
    this.#options.onRefused(job);
    this.#fill();
  }

  #blocked(job: Job, error: string): void {
    this.#end(job, { outcome: Outcome.OUTCOME_BLOCKED, status: 0, error, result: null });
  }

  #end(job: Job, end: JobEnd): void {
    this.#options.onEnd(job, end, this.output);
  }
}

function failed(error: string): JobEnd {
  return { outcome: Outcome.OUTCOME_FAILED, status: 0, error, result: null };
}
