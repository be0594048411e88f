import type { Dispatcher } from "undici";
import { CallError, type ErrorClass } from "../destination/call-error.js";
import { describeFailure } from "../destination/describe-failure.js";
import { type CallResult, DestinationCall } from "../destination/destination-call.js";
import { DestinationConnections } from "../destination/destination-connections.js";
import { refusedAnswer } from "../destination/refused-answer.js";
import {
  type CallablePublicPlan,
  type PublicPlan,
  type PublicPlanOptions,
  planPublicOutput,
} from "./plan-public-output.js";
import type { PublicOutput } from "./public-output.js";
import type { PublicWebhook } from "./public-webhook.js";

/** What an attempt came to. Redirects are answers: nobody follows them. */
export type PublicOutcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Names and values alternating, as they came. */
      readonly headers: readonly Buffer[];
      /** Its head, at most `keepBytes`. */
      readonly body: Buffer;
      readonly truncated: boolean;
      /** For people, where the status does not say it all (a redirect); else empty. */
      readonly text: string;
      readonly durationMs: number;
    }
  | {
      readonly kind: "failed";
      readonly errorClass: ErrorClass;
      /** For people: what happened and what to check. */
      readonly text: string;
      /** True when another attempt may succeed. */
      readonly retryable: boolean;
      /** Of an answer that broke off behind its header section; else 0. */
      readonly status: number;
      readonly durationMs: number;
    };

export interface PublicDestinationOptions extends PublicPlanOptions {
  /** Calls at a time, and so connections; more wait their turn. */
  readonly concurrency: number;
  /** Monotonic milliseconds, and Unix milliseconds. */
  readonly now: () => number;
  readonly wallClock: () => number;
}

/** Bytes of an answer that are kept when the caller does not say. */
const KEPT_BYTES = 64 * 1024;

/** Read behind what is kept, so that the connection can be used again; more than that costs a connection instead. */
const PASS_BYTES = 256 * 1024;

/** The destination of one public output: its connections, its calls, at most so many at a time, in order of arrival. */
export class PublicDestination {
  readonly #options: PublicDestinationOptions;
  #output: PublicOutput;
  #plan: PublicPlan;
  #connections: DestinationConnections | null;
  readonly #calls = new Set<DestinationCall>();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  constructor(output: PublicOutput, options: PublicDestinationOptions) {
    this.#options = options;
    this.#output = output;
    this.#plan = planPublicOutput(output, options);
    this.#connections = this.#plan.kind === "callable" ? new DestinationConnections(this.#plan.connecting) : null;
  }

  /** Calls in flight. */
  get running(): number {
    return this.#calls.size;
  }

  /** Calls that wait for one of those to end. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Why no call will be made, or null. */
  get refusal(): string | null {
    return this.#plan.kind === "refused" ? this.#plan.reason : null;
  }

  /** Takes a changed configuration; calls in flight end under the old one. */
  configure(output: PublicOutput): void {
    if (output === this.#output) return;
    this.#output = output;
    this.#plan = planPublicOutput(output, this.#options);
    if (this.#plan.kind === "callable" && this.#connections?.serves(this.#plan.connecting)) return;
    this.#connections?.close();
    this.#connections = this.#plan.kind === "callable" ? new DestinationConnections(this.#plan.connecting) : null;
  }

  /** Makes one attempt; resolves whatever happens. `durationMs` counts from when its turn came. */
  async call(webhook: PublicWebhook, keepBytes: number = KEPT_BYTES): Promise<PublicOutcome> {
    if (this.#taken >= this.#options.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#taken += 1;
    try {
      return await this.#attempt(webhook, keepBytes);
    } finally {
      // The place goes on to the next one, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  /** Gives up what is in flight and what waits; from now on every call fails at once. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#calls]) call.cancel(new CallError("cancelled", "the server is stopping"));
    this.#connections?.close();
  }

  async #attempt(webhook: PublicWebhook, keepBytes: number): Promise<PublicOutcome> {
    const [plan, connections] = [this.#plan, this.#connections];
    if (this.#closed) return failedBefore("cancelled", "the server is stopping", true);
    if (plan.kind === "refused" || connections === null) {
      const { blocked, reason } = plan.kind === "refused" ? plan : { blocked: false, reason: "there is no connection" };
      return failedBefore(blocked ? "blocked" : "invalid", reason);
    }
    const path = plan.target.targetOf(webhook);
    if (path === null) return failedBefore("invalid", "what is filled in would leave the destination's path");
    if (webhook.method === "CONNECT") return failedBefore("invalid", "CONNECT cannot be forwarded");
    const unixSeconds = Math.floor(this.#options.wallClock() / 1_000);
    const request: Dispatcher.DispatchOptions = {
      path,
      method: webhook.method as Dispatcher.HttpMethod,
      headers: plan.headers(webhook, unixSeconds),
      body: webhook.body.length === 0 ? null : webhook.body,
    };
    return this.#send(request, { plan, connections, keepBytes });
  }

  #send(
    request: Dispatcher.DispatchOptions,
    {
      plan,
      connections,
      keepBytes,
    }: { plan: CallablePublicPlan; connections: DestinationConnections; keepBytes: number },
  ): Promise<PublicOutcome> {
    const { timeouts, target } = plan;
    const { origin } = target.destination;
    const startedAt = this.#options.now();
    return new Promise((resolve) => {
      const client = connections.take();
      let phase: ErrorClass = "connect-timeout";
      let phaseTimer: NodeJS.Timeout | undefined;
      const done = (result: CallResult): void => {
        clearTimeout(totalTimer);
        clearTimeout(phaseTimer);
        this.#calls.delete(call);
        connections.giveBack(client, result.complete);
        resolve(outcomeOf(result, origin, this.#options.now() - startedAt));
      };
      const call: DestinationCall = new DestinationCall(startedAt, done, {
        keepBytes,
        keepDelivered: true,
        passBytes: PASS_BYTES,
        onPhase: (next) => {
          clearTimeout(phaseTimer);
          phase = `${next}-timeout`;
          const ms = next === "headers" ? timeouts.headersMs : timeouts.bodyMs;
          phaseTimer = setTimeout(() => call.cancel(late(phase, ms, origin)), ms);
        },
      });
      const totalTimer = setTimeout(() => call.cancel(late(phase, timeouts.totalMs, origin)), timeouts.totalMs);
      this.#calls.add(call);
      client.dispatch(request, call as Dispatcher.DispatchHandler);
    });
  }
}

function late(phase: ErrorClass, ms: number, origin: string): CallError {
  const what = { "headers-timeout": "did not answer", "body-timeout": "did not end its answer" }[String(phase)];
  return new CallError(phase, `${origin} ${what ?? "was not reached"} within ${ms / 1_000} s`);
}

function outcomeOf(result: CallResult, origin: string, durationMs: number): PublicOutcome {
  const { status, headers, truncated } = result;
  const broken = result.error ?? (isTooLong(result.cut) ? null : result.cut);
  if (broken !== null) {
    const failure = describeFailure(broken, origin);
    const { errorClass, retryable } = failure;
    const brokeOff = status !== 0 && errorClass === "reset";
    const text = brokeOff ? `${origin} answered ${status} and broke off before the end of it` : failure.text;
    return { kind: "failed", errorClass, text, retryable, status, durationMs };
  }
  const text = status >= 200 && status < 300 ? "" : refusedAnswer(result, origin);
  return { kind: "answered", status, headers, body: Buffer.concat(result.body), truncated, text, durationMs };
}

function isTooLong(cut: Error | null): boolean {
  return cut instanceof CallError && cut.errorClass === "too-large";
}

function failedBefore(errorClass: ErrorClass, text: string, retryable = false): PublicOutcome {
  return { kind: "failed", errorClass, text, retryable, status: 0, durationMs: 0 };
}
