import type pg from "pg";
import type { Bucket } from "../catalog/model.js";

/** A webhook on its way to the database. */
export interface IncomingWebhook {
  readonly idText: string;
  /** Undefined for an unknown input: it takes the same way and the same time, and leaves no row behind. */
  readonly bucket: Bucket | undefined;
  readonly inputId: string;
  readonly receivedAtMs: number;
  /** An encoded `WebhookRequest`. */
  readonly request: Uint8Array;
  /** 0 and undefined in an ephemeral bucket; of an unknown input a decoy. */
  readonly keyVersion: number;
  readonly sealed: Buffer | undefined;
  /** Why it goes to none of its outputs: its input's function says so. */
  readonly halted?: string;
  /** Called once: undefined after the commit, with the deliveries that follow; the error when it was not committed. */
  readonly settled: (error: Error | undefined, planned: readonly PlannedDelivery[]) => void;
}

/** One delivery row of a webhook about to be written. */
export interface PlannedDelivery {
  readonly idBytes: Uint8Array;
  readonly idText: string;
  /** Empty for a rejection that is the bucket's. */
  readonly outputId: string;
  readonly agentId: number;
  /** True: written as held by this server, which hands it over from memory after the commit. */
  readonly held: boolean;
  /** What its place in the order goes by; undefined when it has none. */
  readonly orderKey: bigint | undefined;
  /** Whether it counts for the output's limit of what is in hand. */
  readonly counted: boolean;
  /** Why it is over before it begins: it is written as rejected, and never handed over. */
  readonly rejection?: string;
}

/** What the writer needs of the delivery side: it knows nothing of lanes and sessions. */
export interface Handover {
  readonly holder: number;
  plan(webhook: IncomingWebhook, bucket: Bucket): readonly PlannedDelivery[];
  /** Without those that were rejected. */
  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void;
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
  query(statement: pg.QueryConfig): Promise<unknown>;
}

const MAX_BATCH = 512;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Another batch is written beside one that is on its way only when so many wait: a commit of a few costs as much as one of
 * many, and takes the processor from it (measured 2026-11, alternating: a fifth more deliveries/s at 64 connections).
 */
const WORTH_ANOTHER = 32;

/**
 * One statement, one commit, one flush per batch. All sealed values travel as a single binary parameter: an array of
 * `bytea` would be hex text, twice the bytes and encoded in JavaScript (measured 2026-11: 12.6k against 15.9k webhooks/s).
 * Buckets, inputs and outputs repeat within a batch, so rows refer to them by position. COPY would save PostgreSQL a tenth and
 * cost this process as much: its answers wake it twice more for each batch.
 *
 * Rows of unknown inputs (version -1) are dropped by the database after the same work: the same bytes go to the log, which
 * is flushed as for any commit.
 */
const INSERT = `
WITH w AS (
  INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed)
  SELECT id, ($2::uuid[])[bucket], ($3::uuid[])[input], version,
    CASE WHEN version > 0 THEN substr($8::bytea, at, length) END
  FROM unnest($1::uuid[], $4::int[], $5::int[], $6::int[], $7::int[], $9::int[]) AS t(id, bucket, input, version, at, length)
  WHERE CASE WHEN version < 0 THEN pg_logical_emit_message(true, 'relay', substr($8::bytea, at, length)) IS NULL ELSE true END
), o AS (
  INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status, reason)
  SELECT ($1::uuid[])[n], ($1::uuid[])[n], ($2::uuid[])[($4::int[])[n]], NULL, 4, NULL FROM unnest($10::int[]) AS n
  UNION ALL
  SELECT id, ($1::uuid[])[webhook], ($2::uuid[])[($4::int[])[webhook]], ($12::uuid[])[output], 5, ($23::text[])[reason]
  FROM unnest($20::uuid[], $21::int[], $22::int[], $24::int[]) AS r(id, webhook, output, reason)
)
INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, attempt, holder, size, order_key, counted)
SELECT id, ($1::uuid[])[webhook], ($2::uuid[])[($4::int[])[webhook]], ($12::uuid[])[output], agent, held, CASE held WHEN 1 THEN $13::int END,
  ($9::int[])[webhook], order_key, counted
FROM unnest($11::uuid[], $14::int[], $15::int[], $16::int[], $17::int[], $18::bigint[], $19::boolean[])
  AS d(id, webhook, output, agent, held, order_key, counted)`;

/**
 * Settings of the writer's connections. PostgreSQL would plan the statement anew for every batch, because a plan made for
 * few rows looks cheaper than the general one; there is nothing to choose in it.
 */
export const WRITER_SETTINGS = { plan_cache_mode: "force_generic_plan" } as const;

/**
 * Group commit: what arrives while a batch is being written becomes the next one, so that concurrent requests share a
 * commit and a lone one waits for nobody. A webhook is reported only after its commit.
 */
export class WebhookWriter {
  readonly #pool: BatchDatabase;
  readonly #handover: Handover;
  readonly #observer: WriterObserver;
  readonly #parallel: number;
  #waiting: IncomingWebhook[] = [];
  #inFlight = 0;
  #pendingBytes = 0;
  #idle: (() => void)[] = [];

  constructor(options: { pool: BatchDatabase; handover: Handover; observer: WriterObserver; parallel: number }) {
    this.#pool = options.pool;
    this.#handover = options.handover;
    this.#observer = options.observer;
    this.#parallel = options.parallel;
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
    const statement = new Statement();
    const planned: (readonly PlannedDelivery[])[] = [];
    for (const webhook of batch) {
      const deliveries = webhook.bucket === undefined ? [] : this.#handover.plan(webhook, webhook.bucket);
      statement.add(webhook, deliveries);
      planned.push(deliveries.some(isRejected) ? deliveries.filter((each) => !isRejected(each)) : deliveries);
    }
    let error: Error | undefined;
    try {
      await this.#pool.query(statement.build(this.#handover.holder));
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
      this.#observer.failed(batch.length, cause);
    }
    for (let i = 0; i < batch.length; i += 1) {
      const webhook = batch[i];
      if (webhook === undefined) continue;
      this.#pendingBytes -= webhook.request.length;
      const deliveries = planned[i] ?? [];
      if (error !== undefined) this.#handover.failed(deliveries);
      else if (webhook.bucket !== undefined) this.#handover.committed(webhook, deliveries);
      webhook.settled(error, deliveries);
    }
    this.#handover.batchDone();
    if (error === undefined) this.#observer.batch(batch.length, (performance.now() - started) / 1000);
  }
}

function isRejected({ rejection }: PlannedDelivery): boolean {
  return rejection !== undefined;
}

/** Key version and ids of a row that is not kept. */
const DECOY = -1;
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Numbers distinct values by position, from 1 as PostgreSQL arrays do. */
class Positions {
  readonly values: string[] = [];
  readonly #positions = new Map<string, number>();

  of(value: string): number {
    let position = this.#positions.get(value);
    if (position === undefined) {
      position = this.values.push(value);
      this.#positions.set(value, position);
    }
    return position;
  }
}

/** The parameters of one batch. Arrays are written as PostgreSQL text: their elements are uuids, integers and quoted texts. */
class Statement {
  readonly #ids: string[] = [];
  readonly #buckets = new Positions();
  readonly #inputs = new Positions();
  readonly #outputs = new Positions();
  readonly #bucket: number[] = [];
  readonly #input: number[] = [];
  readonly #version: number[] = [];
  readonly #at: number[] = [];
  readonly #length: number[] = [];
  readonly #sealed: Buffer[] = [];
  #offset = 1;
  readonly #unrouted: number[] = [];
  readonly #deliveryIds: string[] = [];
  readonly #deliveryWebhook: number[] = [];
  readonly #deliveryOutput: number[] = [];
  readonly #deliveryAgent: number[] = [];
  readonly #deliveryHeld: number[] = [];
  readonly #deliveryOrder: string[] = [];
  readonly #deliveryCounted: string[] = [];
  readonly #rejectedIds: string[] = [];
  readonly #rejectedWebhook: number[] = [];
  readonly #rejectedOutput: number[] = [];
  readonly #rejectedReason: number[] = [];
  readonly #reasons = new Positions();

  add(webhook: IncomingWebhook, deliveries: readonly PlannedDelivery[]): void {
    const { bucket } = webhook;
    const position = this.#ids.push(webhook.idText);
    this.#bucket.push(this.#buckets.of(bucket?.id ?? NOBODY));
    // What a stranger wrote in place of an id may be anything.
    this.#input.push(this.#inputs.of(bucket === undefined ? NOBODY : webhook.inputId));
    this.#version.push(bucket === undefined ? DECOY : webhook.keyVersion);
    const length = webhook.sealed?.length ?? 0;
    this.#at.push(this.#offset);
    this.#length.push(length);
    if (webhook.sealed !== undefined) this.#sealed.push(webhook.sealed);
    this.#offset += length;
    if (bucket === undefined) return;
    if (deliveries.length === 0) this.#unrouted.push(position);
    for (const delivery of deliveries) {
      if (delivery.rejection !== undefined) {
        this.#rejectedIds.push(delivery.idText);
        this.#rejectedWebhook.push(position);
        // No element of an array is at 0: null.
        this.#rejectedOutput.push(delivery.outputId === "" ? 0 : this.#outputs.of(delivery.outputId));
        this.#rejectedReason.push(this.#reasons.of(delivery.rejection));
        continue;
      }
      this.#deliveryIds.push(delivery.idText);
      this.#deliveryWebhook.push(position);
      this.#deliveryOutput.push(this.#outputs.of(delivery.outputId));
      this.#deliveryAgent.push(delivery.agentId);
      this.#deliveryHeld.push(delivery.held ? 1 : 0);
      this.#deliveryOrder.push(delivery.orderKey?.toString() ?? "NULL");
      this.#deliveryCounted.push(delivery.counted ? "t" : "f");
    }
  }

  build(holder: number): pg.QueryConfig {
    return {
      name: "insert-webhooks",
      text: INSERT,
      values: [
        array(this.#ids),
        array(this.#buckets.values),
        array(this.#inputs.values),
        array(this.#bucket),
        array(this.#input),
        array(this.#version),
        array(this.#at),
        Buffer.concat(this.#sealed),
        array(this.#length),
        array(this.#unrouted),
        array(this.#deliveryIds),
        array(this.#outputs.values),
        holder,
        array(this.#deliveryWebhook),
        array(this.#deliveryOutput),
        array(this.#deliveryAgent),
        array(this.#deliveryHeld),
        array(this.#deliveryOrder),
        array(this.#deliveryCounted),
        array(this.#rejectedIds),
        array(this.#rejectedWebhook),
        array(this.#rejectedOutput),
        array(this.#reasons.values.map(quoted)),
        array(this.#rejectedReason),
      ],
    };
  }
}

function array(values: readonly (string | number)[]): string {
  return `{${values.join(",")}}`;
}

/** A text as an element of a PostgreSQL array (section 8.15.2 of its manual). */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
