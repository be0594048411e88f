import type { FunctionCall } from "./function-call.js";
import { POOL_LIMITS } from "./function-limits.js";
import type { FunctionFailed, FunctionResult } from "./function-result.js";
import { WorkerProcess } from "./worker/worker-process.js";

export interface PoolWorkerEvents {
  ready(): void;
  /** Told once; `wasReady` tells a worker that worked from one that never stood ready. */
  ended(wasReady: boolean): void;
}

interface Run {
  readonly startedAt: number;
  readonly timer: NodeJS.Timeout;
  readonly finish: (result: FunctionResult) => void;
}

/** A worker of the pool: starting, idle, running one call, or gone. */
export class PoolWorker {
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
      result: (result) => this.#finish(result),
      ended: (how) => this.#end(how),
    });
    this.#startTimer = setTimeout(() => void this.kill(), POOL_LIMITS.startMs);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get starting(): boolean {
    return this.#state === "starting";
  }

  get idle(): boolean {
    return this.#state === "ready" && this.#run === undefined;
  }

  /** Runs one call; kills the process when it does not answer in time, which ends this worker. */
  run(
    call: FunctionCall,
    limits: { readonly deadlineMs: number; readonly killGraceMs: number },
  ): Promise<FunctionResult> {
    this.bucketId = call.bucketId;
    return new Promise((resolve) => {
      const finish = (result: FunctionResult) => resolve(withGivenBody(result, call));
      const timer = setTimeout(() => this.#overrun(limits.deadlineMs), limits.deadlineMs + limits.killGraceMs);
      this.#run = { startedAt: performance.now(), timer, finish };
      this.#process.run({ call, deadlineMs: limits.deadlineMs });
    });
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
    clearTimeout(run.timer);
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
