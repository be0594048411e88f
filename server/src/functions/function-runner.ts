/**
 * Runs people's functions, each in a worker process that holds two interpreters in WebAssembly and nothing of ours.
 *
 * Three walls stand between a function and the rest: the interpreter, in which no object of the host exists; WebAssembly,
 * whose memory is bounded and put back before another bucket's function starts in it; and the process, which has no
 * environment, no files to write and no right to start anything. Time is bounded twice: the interpreter is interrupted at
 * the deadline, and a process that does not answer shortly after it is killed, without touching the other ones.
 */
import { availableParallelism } from "node:os";
import { BucketTurns, type TurnLimits, type Waiting } from "./bucket-turns.js";
import type { FunctionCall } from "./function-call.js";
import { FUNCTION_LIMITS, POOL_LIMITS } from "./function-limits.js";
import type { FailureReason, FunctionFailed, FunctionResult } from "./function-result.js";
import type { HttpCaller } from "./http-ask.js";
import { mayRun, mayStart, type PoolSize } from "./pool-places.js";
import { PoolWorker, type RunOptions } from "./pool-worker.js";

export interface FunctionRunnerOptions {
  /** Worker processes at most, besides those that stand still for an HTTP call. One bucket gets all of them but one. */
  readonly workers?: number;
  /** Makes the HTTP calls of functions; without one, they are told that there are none. */
  readonly http?: HttpCaller;
  readonly deadlineMs?: number;
  readonly killGraceMs?: number;
  readonly waitMs?: number;
  readonly turns?: TurnLimits;
}

interface WaitingCall extends Waiting {
  readonly call: FunctionCall;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  readonly finish: (result: FunctionResult) => void;
}

export class FunctionRunner {
  readonly #size: PoolSize;
  readonly #waitMs: number;
  readonly #limits: RunOptions;
  readonly #turns: BucketTurns<WaitingCall>;
  readonly #workers = new Set<PoolWorker>();
  #idleTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: FunctionRunnerOptions = {}) {
    const computing = options.workers ?? Math.max(2, Math.min(8, availableParallelism()));
    this.#size = { computing, perBucket: Math.max(1, computing - 1), extra: POOL_LIMITS.extraWorkers };
    this.#waitMs = options.waitMs ?? POOL_LIMITS.waitMs;
    const { deadlineMs = FUNCTION_LIMITS.deadlineMs, killGraceMs = FUNCTION_LIMITS.killGraceMs } = options;
    this.#limits = { deadlineMs, killGraceMs, http: options.http };
    this.#turns = new BucketTurns(options.turns);
  }

  /** Processes that run or stand ready, by their ids. */
  get processIds(): readonly number[] {
    return [...this.#workers].map((worker) => worker.pid).filter((pid) => pid !== undefined);
  }

  /** Starts one worker ahead of the first call; resolves when it stands ready. */
  async warm(): Promise<void> {
    const worker = [...this.#workers][0] ?? this.#start();
    await worker.started;
  }

  /** Runs a function. Never rejects: what goes wrong is a result. */
  async run(call: FunctionCall): Promise<FunctionResult> {
    const size = Buffer.byteLength(call.source, "utf8");
    if (size > FUNCTION_LIMITS.sourceBytes) {
      return failed("error", `the source has ${size} bytes; a function may have ${FUNCTION_LIMITS.sourceBytes}`);
    }
    const bytes = call.request.body.length;
    if (this.#stopped) return failed("busy", "the server is stopping");
    if (!this.#turns.hasRoom({ bucketId: call.bucketId, bytes })) {
      return failed("busy", "too many runs of functions of this bucket are waiting");
    }
    return new Promise((finish) => {
      const timer = setTimeout(() => this.#giveUp(waiting), this.#waitMs);
      const waiting: WaitingCall = { bucketId: call.bucketId, bytes, call, since: performance.now(), timer, finish };
      this.#turns.push(waiting);
      this.#pump();
    });
  }

  /** Kills what runs; calls that wait end as busy. Resolves when all processes are gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#idleTimer);
    this.#refuseAll("busy", "the server is stopping");
    await Promise.all([...this.#workers].map((worker) => worker.kill()));
  }

  /** Hands what waits to workers that stand ready, and starts another worker when there are not enough. */
  #pump(): void {
    for (;;) {
      const free = [...this.#workers].filter(({ state }) => state === "idle");
      if (free.length === 0) break;
      const next = this.#turns.next((bucketId) => this.#mayRun(bucketId));
      if (next === undefined) return;
      void this.#dispatch(next, pick(free, next.bucketId));
    }
    const starting = [...this.#workers].filter(({ state }) => state === "starting").length;
    if (this.#stopped || this.#turns.size <= starting || !mayStart([...this.#workers], this.#size)) return;
    if (this.#turns.has((bucketId) => this.#mayRun(bucketId))) this.#start();
  }

  #mayRun(bucketId: string): boolean {
    return mayRun(bucketId, [...this.#workers], this.#size);
  }

  async #dispatch(waiting: WaitingCall, worker: PoolWorker): Promise<void> {
    clearTimeout(waiting.timer);
    const result = await worker.run(waiting.call, this.#limits);
    waiting.finish(result);
    this.#pump();
    if (this.#workers.size > this.#size.computing)
      this.#idleTimer ??= setTimeout(() => this.#shrink(), POOL_LIMITS.extraIdleMs);
  }

  #start(): PoolWorker {
    const worker = new PoolWorker({
      ready: () => this.#pump(),
      waits: () => this.#pump(),
      ended: (wasReady) => this.#replace(worker, wasReady),
    });
    this.#workers.add(worker);
    return worker;
  }

  /** A worker that worked is replaced at once; one that could not start is tried again by the next call. */
  #replace(worker: PoolWorker, wasReady: boolean): void {
    this.#workers.delete(worker);
    if (this.#stopped) return;
    if (wasReady) {
      if (mayStart([...this.#workers], this.#size)) this.#start();
    } else if (this.#workers.size === 0) this.#refuseAll("crashed", "a process for functions could not be started");
  }

  /** Ends workers that were there for others which stood still, and have nothing to do. */
  #shrink(): void {
    this.#idleTimer = undefined;
    const idle = [...this.#workers].filter(({ state }) => state === "idle");
    const spare = Math.min(idle.length, this.#workers.size - this.#size.computing);
    for (const worker of idle.slice(0, Math.max(0, spare))) worker.retire();
    if (!this.#stopped && this.#workers.size > this.#size.computing) {
      this.#idleTimer = setTimeout(() => this.#shrink(), POOL_LIMITS.extraIdleMs);
    }
  }

  #giveUp(waiting: WaitingCall): void {
    this.#turns.remove(waiting);
    const durationMs = performance.now() - waiting.since;
    waiting.finish({ ...failed("busy", `no worker was free within ${this.#waitMs} ms`), durationMs });
  }

  #refuseAll(reason: FailureReason, message: string): void {
    for (let next = this.#turns.next(() => true); next !== undefined; next = this.#turns.next(() => true)) {
      clearTimeout(next.timer);
      next.finish(failed(reason, message));
    }
  }
}

/** The worker whose memory this bucket's functions have, else one that nobody used, else any. */
function pick(free: readonly PoolWorker[], bucketId: string): PoolWorker {
  const best =
    free.find((worker) => worker.bucketId === bucketId) ?? free.find((worker) => worker.bucketId === undefined);
  const [first] = free;
  if (first === undefined) throw new Error("no worker is free");
  return best ?? first;
}

function failed(reason: FailureReason, message: string): FunctionFailed {
  return { kind: "failed", reason, message, logs: [], durationMs: 0 };
}
