import type pg from "pg";
import { idText, newId } from "../ids.js";
import { EXECUTION_STATUS, type ExecutionRow, insertExecutions } from "../store/executions.js";
import { type Execution, type ExecutionDetail, executionDetail } from "./execution.js";
import { type ExecutionSealers, sealDetail } from "./execution-seal.js";

const MAX_BATCH = 500;
const RETRY_MS = 500;

/** How long executions are gathered for one statement, in milliseconds. Nobody waits for them. */
const GATHER_MS = 20;

/** So many, and bytes of so much, wait at most while the database is away: what comes then is dropped, and counted. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface ExecutionRecorderOptions extends ExecutionSealers {
  readonly pool: pg.Pool;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly observer: {
    /** The log of this many executions is lost. */
    dropped(count: number): void;
    failed(error: unknown): void;
  };
}

interface Waiting {
  readonly id: string;
  readonly execution: Execution;
  /** Undefined: nothing of it may be kept. */
  readonly detail: ExecutionDetail | undefined;
  readonly bytes: number;
}

/**
 * Writes down what functions did, many executions per statement and one statement at a time. Never holds a webhook up: when
 * the database does not keep up the executions are dropped, and the webhooks are not.
 */
export class ExecutionRecorder {
  readonly #options: ExecutionRecorderOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: ExecutionRecorderOptions) {
    this.#options = options;
  }

  /** Returns the id that the execution will be found under, also when it had to be dropped. Never throws, never waits. */
  record(execution: Execution): string {
    const id = idText(newId(this.#options.now()));
    const detail = execution.webhook?.ephemeral === true ? undefined : executionDetail(execution.result);
    const bytes = 200 + (detail === undefined ? 0 : sizeOf(detail));
    if (this.#stopped || this.#waiting.length >= MAX_WAITING || this.#bytes + bytes > MAX_WAITING_BYTES) {
      this.#options.observer.dropped(1);
      return id;
    }
    this.#waiting.push({ id, execution, detail, bytes });
    this.#bytes += bytes;
    this.#running ??= this.#run();
    return id;
  }

  /** Resolves when all that was recorded so far is written, or was dropped because the database was away. */
  async written(): Promise<void> {
    await this.#running;
  }

  /** Writes what there is, once: what cannot be written now is dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      try {
        await insertExecutions(this.#options.pool, await this.#rows(batch));
      } catch (error) {
        this.#options.observer.failed(error);
        if (!this.#stopped) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          continue;
        }
        this.#options.observer.dropped(batch.length);
      }
      this.#waiting = this.#waiting.slice(batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
    }
    this.#running = undefined;
  }

  async #rows(batch: readonly Waiting[]): Promise<ExecutionRow[]> {
    const rows: ExecutionRow[] = [];
    for (const { id, execution, detail } of batch) {
      const { functionId, webhook, result } = execution;
      rows.push({
        id,
        functionId,
        bucketId: webhook?.bucketId ?? null,
        webhookId: webhook?.id ?? null,
        outputId: webhook?.outputId ?? null,
        deliveryId: webhook?.deliveryId ?? null,
        ofResponse: webhook?.ofResponse === true,
        status: result.kind === "done" ? EXECUTION_STATUS.success : EXECUTION_STATUS.error,
        durationUs: Math.min(Math.round(result.durationMs * 1_000), 2_147_483_647),
        ...(await this.#sealed({ id, bucketId: webhook?.bucketId }, detail)),
      });
    }
    return rows;
  }

  /** A bucket that was deleted meanwhile has no key: that its function ran is all that is kept. */
  async #sealed(
    of: { readonly id: string; readonly bucketId: string | undefined },
    detail: ExecutionDetail | undefined,
  ): Promise<Pick<ExecutionRow, "keyVersion" | "detail">> {
    if (detail === undefined) return { keyVersion: 0, detail: null };
    try {
      return await sealDetail(this.#options, of, detail);
    } catch (error) {
      this.#options.observer.failed(error);
      return { keyVersion: 0, detail: null };
    }
  }
}

function sizeOf({ error = "", logs }: ExecutionDetail): number {
  return logs.reduce((sum, { text }) => sum + text.length + 20, error.length);
}
