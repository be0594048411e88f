import type { FunctionCall } from "./function-call.js";
import { POOL_LIMITS } from "./function-limits.js";
import type { FunctionFailed, FunctionResult } from "./function-result.js";
import type { HttpAsk, HttpCaller } from "./http-ask.js";
import { KillTimer } from "./kill-timer.js";
import type { PoolPlace, WorkerState } from "./pool-places.js";
import { RunCalls } from "./run-calls.js";
import { WorkerProcess } from "./worker/worker-process.js";

export interface PoolWorkerEvents {
  ready(): void;
  /** It stands still for an HTTP call from now on. */
  waits(): void;
  /** Told once; `wasReady` tells a worker that worked from one that never stood ready. */
  ended(wasReady: boolean): void;
}

export interface RunOptions {
  readonly deadlineMs: number;
  readonly killGraceMs: number;
  readonly http: HttpCaller | undefined;
}

interface Run {
  readonly startedAt: number;
  readonly timer: KillTimer;
  readonly calls: RunCalls;
  waiting: boolean;
  readonly finish: (result: FunctionResult) => void;
}

/** A worker of the pool: starting, idle, running one call, or gone. */
export class PoolWorker implements PoolPlace {
  /** Resolves when it stands ready or has ended. */
  readonly started: Promise<void>;
  /** Whose function ran in it last. */
  bucketId: string | undefined;
  readonly #process: WorkerProcess;
  readonly #events: PoolWorkerEvents;
  readonly #startTimer: NodeJS.Timeout;
  #state: "starting" | "ready" | "ended" = "starting";
  #run: Run | undefined;
  #resolveStarted: () => void = () => {};

  constructor(events: PoolWorkerEvents) {
    this.#events = events;
    this.started = new Promise((resolve) => {
      this.#resolveStarted = resolve;
    });
    this.#process = new WorkerProcess({
      ready: () => this.#becomeReady(),
      asked: (ask) => void this.#answer(ask),
      result: (result) => this.#finish(result),
      ended: (how) => this.#end(how),
    });
    this.#startTimer = setTimeout(() => void this.kill(), POOL_LIMITS.startMs);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get state(): WorkerState {
    if (this.#run !== undefined) return this.#run.waiting ? "waiting" : "computing";
    return this.#state === "ready" ? "idle" : "starting";
  }

  /** Runs one call; kills the process when it does not answer in time, which ends this worker. */
  run(call: FunctionCall, { deadlineMs, killGraceMs, http }: RunOptions): Promise<FunctionResult> {
    this.bucketId = call.bucketId;
    return new Promise((resolve) => {
      this.#run = {
        startedAt: performance.now(),
        timer: new KillTimer(deadlineMs + killGraceMs, () => this.#overrun(deadlineMs)),
        calls: new RunCalls(http),
        waiting: false,
        finish: (result) => resolve(withGivenBody(result, call)),
      };
      this.#process.run({ call, deadlineMs });
    });
  }

  /** Ends a worker that is idle: it is gone for the pool at once. */
  retire(): void {
    this.#state = "ended";
    this.#events.ended(true);
    void this.kill();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  #becomeReady(): void {
    clearTimeout(this.#startTimer);
    this.#state = "ready";
    this.#resolveStarted();
    this.#events.ready();
  }

  async #answer(ask: HttpAsk): Promise<void> {
    const run = this.#run;
    // No worker of ours asks without a run, or twice at a time.
    if (run === undefined || run.waiting) return void this.kill();
    run.timer.pause();
    run.waiting = true;
    this.#events.waits();
    const answer = await run.calls.make(ask);
    if (this.#run !== run) return;
    run.waiting = false;
    run.timer.resume();
    this.#process.answer(answer);
  }

  #overrun(deadlineMs: number): void {
    const message = `the function ran longer than ${deadlineMs} ms and could not be interrupted`;
    const run = this.#run;
    this.#state = "ended";
    void this.kill();
    this.#events.ended(true);
    if (run !== undefined) this.#finish(failedAfter(run, "timeout", message));
  }

  #finish(result: FunctionResult): void {
    const run = this.#run;
    if (run === undefined) return;
    run.timer.stop();
    run.calls.end();
    this.#run = undefined;
    run.finish(result);
  }

  #end(how: string): void {
    clearTimeout(this.#startTimer);
    this.#resolveStarted();
    if (this.#state === "ended") return;
    const wasReady = this.#state === "ready";
    this.#state = "ended";
    this.#events.ended(wasReady);
    const run = this.#run;
    if (run !== undefined) this.#finish(failedAfter(run, "crashed", `the process of the function ended (${how})`));
  }
}

function failedAfter(run: Run, reason: "timeout" | "crashed", message: string): FunctionFailed {
  return { kind: "failed", reason, message, logs: [], durationMs: performance.now() - run.startedAt };
}

/** The worker leaves a body out that it did not change: the very bytes that were given take its place. */
function withGivenBody(result: FunctionResult, call: FunctionCall): FunctionResult {
  if (result.kind === "failed" || result.modified.body) return result;
  return { ...result, request: { ...result.request, body: call.request.body } };
}
