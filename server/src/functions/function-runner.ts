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
import { PoolWorker } from "./pool-worker.js";

export interface FunctionRunnerOptions {
  /** Worker processes at most; they are started when they are needed. One bucket gets all of them but one. */
  readonly workers?: number;
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
  readonly #max: number;
  readonly #perBucket: number;
  readonly #waitMs: number;
  readonly #limits: { readonly deadlineMs: number; readonly killGraceMs: number };
  readonly #turns: BucketTurns<WaitingCall>;
  readonly #running = new Map<string, number>();
  readonly #workers = new Set<PoolWorker>();
  #stopped = false;

  constructor(options: FunctionRunnerOptions = {}) {
    this.#max = options.workers ?? Math.max(2, Math.min(8, availableParallelism()));
    this.#perBucket = Math.max(1, this.#max - 1);
    this.#waitMs = options.waitMs ?? POOL_LIMITS.waitMs;
    const { deadlineMs = FUNCTION_LIMITS.deadlineMs, killGraceMs = FUNCTION_LIMITS.killGraceMs } = options;
    this.#limits = { deadlineMs, killGraceMs };
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
    this.#refuseAll("busy", "the server is stopping");
    await Promise.all([...this.#workers].map((worker) => worker.kill()));
  }

  /** Hands what waits to workers that stand ready, and starts another worker when there are not enough. */
  #pump(): void {
    for (;;) {
      const free = [...this.#workers].filter((worker) => worker.idle);
      if (free.length === 0) break;
      const next = this.#turns.next((bucketId) => (this.#running.get(bucketId) ?? 0) < this.#perBucket);
      if (next === undefined) return;
      void this.#dispatch(next, pick(free, next.bucketId));
    }
    const starting = [...this.#workers].filter((worker) => worker.starting).length;
    if (!this.#stopped && this.#turns.size > starting && this.#workers.size < this.#max) this.#start();
  }

  async #dispatch(waiting: WaitingCall, worker: PoolWorker): Promise<void> {
    const { bucketId, call } = waiting;
    clearTimeout(waiting.timer);
    this.#running.set(bucketId, (this.#running.get(bucketId) ?? 0) + 1);
    const result = await worker.run(call, this.#limits);
    const left = (this.#running.get(bucketId) ?? 1) - 1;
    if (left === 0) this.#running.delete(bucketId);
    else this.#running.set(bucketId, left);
    waiting.finish(result);
    this.#pump();
  }

  #start(): PoolWorker {
    const worker = new PoolWorker({
      ready: () => this.#pump(),
      ended: (wasReady) => this.#replace(worker, wasReady),
    });
    this.#workers.add(worker);
    return worker;
  }

  /** A worker that worked is replaced at once; one that could not start is tried again by the next call. */
  #replace(worker: PoolWorker, wasReady: boolean): void {
    this.#workers.delete(worker);
    if (this.#stopped) return;
    if (wasReady) this.#start();
    else if (this.#workers.size === 0) this.#refuseAll("crashed", "a process for functions could not be started");
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
