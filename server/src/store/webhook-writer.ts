import type pg from "pg";
import type { Bucket } from "../catalog/model.js";
import type { DuplicateKey, IncomingWebhook } from "./incoming-webhook.js";
import { InsertWebhooks } from "./insert-webhooks.js";
import type { PlannedDelivery } from "./planned-delivery.js";

/** What the writer needs of the delivery side: it knows nothing of lanes and sessions. */
export interface Handover {
  readonly holder: number;
  plan(webhook: IncomingWebhook, bucket: Bucket): readonly PlannedDelivery[];
  /** Without those that were rejected. */
  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void;
  /** Committed, but as a repetition of another webhook: none of these deliveries was made. */
  duplicate(planned: readonly PlannedDelivery[]): void;
  /** Not committed, or nobody knows: the connection broke. */
  failed(planned: readonly PlannedDelivery[]): void;
  /** Called after each batch, when all its webhooks were reported. */
  batchDone(): void;
}

export interface WriterObserver {
  batch(size: number, seconds: number): void;
  failed(size: number, error: unknown): void;
}

/** Commits each statement it is given, alone or with more in the same transaction: a pool does the former. */
export interface BatchDatabase {
  query(statement: pg.QueryConfig): Promise<{ readonly rows: readonly unknown[] }>;
}

const MAX_BATCH = 512;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Another batch is written beside one that is on its way only when so many wait: a commit of a few costs as much as one of
 * many, and takes the processor from it (measured 2026-11, alternating: a fifth more deliveries/s at 64 connections).
 */
const WORTH_ANOTHER = 32;

/** By what a webhook is known when it comes again; undefined: by nothing. */
type KeyOf = (webhook: IncomingWebhook, bucket: Bucket) => DuplicateKey | undefined;

export interface WebhookWriterOptions {
  readonly pool: BatchDatabase;
  readonly handover: Handover;
  readonly observer: WriterObserver;
  /** Batches that are written at a time. */
  readonly parallel: number;
  /** Without it no webhook has a key. */
  readonly keyOf?: KeyOf;
}

/**
 * Group commit: what arrives while a batch is being written becomes the next one, so that concurrent requests share a
 * commit and a lone one waits for nobody. A webhook is reported only after its commit.
 */
export class WebhookWriter {
  readonly #pool: BatchDatabase;
  readonly #handover: Handover;
  readonly #observer: WriterObserver;
  readonly #parallel: number;
  readonly #keyOf: KeyOf;
  #waiting: IncomingWebhook[] = [];
  #inFlight = 0;
  #pendingBytes = 0;
  #idle: (() => void)[] = [];

  constructor(options: WebhookWriterOptions) {
    this.#pool = options.pool;
    this.#handover = options.handover;
    this.#observer = options.observer;
    this.#parallel = options.parallel;
    this.#keyOf = options.keyOf ?? (() => undefined);
  }

  /** Bytes that wait for their commit. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  add(webhook: IncomingWebhook): void {
    this.#waiting.push(webhook);
    this.#pendingBytes += webhook.request.length;
    // The next turn of the event loop: everything that the sockets hold now joins the batch.
    const { length } = this.#waiting;
    if ((length === 1 || length === WORTH_ANOTHER) && this.#inFlight < this.#parallel)
      setImmediate(() => this.#flush());
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#mayWrite()) {
      const batch = this.#takeBatch();
      this.#inFlight += 1;
      this.#write(batch).then(() => {
        this.#inFlight -= 1;
        this.#flush();
        if (this.#inFlight === 0 && this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  #mayWrite(): boolean {
    return this.#inFlight === 0 || (this.#inFlight < this.#parallel && this.#waiting.length >= WORTH_ANOTHER);
  }

  #takeBatch(): IncomingWebhook[] {
    let bytes = 0;
    let count = 0;
    for (const webhook of this.#waiting) {
      bytes += webhook.request.length;
      if (count === MAX_BATCH || (count > 0 && bytes > MAX_BATCH_BYTES)) break;
      count += 1;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }

  /** Never rejects: every webhook of the batch is settled. */
  async #write(batch: readonly IncomingWebhook[]): Promise<void> {
    const started = performance.now();
    const statement = new InsertWebhooks();
    const planned: (readonly PlannedDelivery[])[] = [];
    for (const webhook of batch) {
      const deliveries = webhook.bucket === undefined ? [] : this.#handover.plan(webhook, webhook.bucket);
      const made = deliveries.some(isRejected) ? deliveries.filter((each) => !isRejected(each)) : deliveries;
      // What goes nowhere takes no key: it may go somewhere when it comes again.
      const goes = made.length > 0 || deliveries.length === 0;
      const key = goes && webhook.bucket !== undefined ? this.#keyOf(webhook, webhook.bucket) : undefined;
      statement.add(webhook, deliveries, key);
      planned.push(made);
    }
    let error: Error | undefined;
    const originals = new Map<IncomingWebhook | undefined, string>();
    try {
      const { rows } = await this.#pool.query(statement.build(this.#handover.holder));
      for (const { webhook, original } of rows as Duplicate[]) originals.set(batch[webhook - 1], original);
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
      this.#observer.failed(batch.length, cause);
    }
    for (let i = 0; i < batch.length; i += 1) {
      const webhook = batch[i];
      if (webhook === undefined) continue;
      this.#pendingBytes -= webhook.request.length;
      const deliveries = planned[i] ?? [];
      const duplicateOf = originals.get(webhook);
      if (error !== undefined) this.#handover.failed(deliveries);
      else if (duplicateOf !== undefined) this.#handover.duplicate(deliveries);
      else if (webhook.bucket !== undefined) this.#handover.committed(webhook, deliveries);
      webhook.settled(error, duplicateOf === undefined ? deliveries : []);
    }
    this.#handover.batchDone();
    if (error === undefined) this.#observer.batch(batch.length, (performance.now() - started) / 1000);
  }
}

function isRejected({ rejection }: PlannedDelivery): boolean {
  return rejection !== undefined;
}

/** A row that the statement returns: the number of a webhook in its batch, and what it repeats. */
interface Duplicate {
  readonly webhook: number;
  readonly original: string;
}
