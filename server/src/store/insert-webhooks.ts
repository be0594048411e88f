import type pg from "pg";
import type { DuplicateKey, IncomingWebhook } from "./incoming-webhook.js";
import type { PlannedDelivery } from "./planned-delivery.js";

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
 * The same when a webhook of the batch has a key: those whose key another one has, within its window, become rejected in
 * place of what was planned for them; their numbers are returned with the id of that other one. The key is taken by the
 * unique index, so that of two servers one waits for the other's commit. In the order of the keys, or two batches would wait
 * for each other; only the first of a batch asks for a key.
 */
const INSERT_DEDUPLICATED = `
WITH keyed AS MATERIALIZED (
  SELECT webhook, ($1::uuid[])[webhook] AS webhook_id, ($3::uuid[])[($5::int[])[webhook]] AS input_id, key, seconds
  FROM unnest($25::int[], $26::uuid[], $27::int[]) AS t(webhook, key, seconds)
), taken AS (
  INSERT INTO webhook_keys AS k (input_id, key, webhook_id, expires_at)
  SELECT DISTINCT ON (input_id, key) input_id, key, webhook_id, now() + seconds * interval '1 second'
  FROM keyed ORDER BY input_id, key, webhook
  ON CONFLICT (input_id, key) DO UPDATE SET
    webhook_id = CASE WHEN k.expires_at > now() THEN k.webhook_id ELSE excluded.webhook_id END,
    expires_at = CASE WHEN k.expires_at > now() THEN k.expires_at ELSE excluded.expires_at END
  RETURNING k.input_id, k.key, k.webhook_id
), duplicate AS MATERIALIZED (
  SELECT webhook, taken.webhook_id AS original FROM keyed JOIN taken USING (input_id, key)
  WHERE taken.webhook_id <> keyed.webhook_id
), w AS (
  INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed)
  SELECT id, ($2::uuid[])[bucket], ($3::uuid[])[input], version,
    CASE WHEN version > 0 THEN substr($8::bytea, at, length) END
  FROM unnest($1::uuid[], $4::int[], $5::int[], $6::int[], $7::int[], $9::int[]) AS t(id, bucket, input, version, at, length)
  WHERE CASE WHEN version < 0 THEN pg_logical_emit_message(true, 'relay', substr($8::bytea, at, length)) IS NULL ELSE true END
), planned AS MATERIALIZED (
  SELECT d.*, original FROM unnest($11::uuid[], $14::int[], $15::int[], $16::int[], $17::int[], $18::bigint[], $19::boolean[])
    AS d(id, webhook, output, agent, held, order_key, counted) LEFT JOIN duplicate USING (webhook)
), o AS (
  INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, reason)
  SELECT ($1::uuid[])[n], ($1::uuid[])[n], ($2::uuid[])[($4::int[])[n]], NULL, 0,
    CASE WHEN original IS NULL THEN 4 ELSE 5 END, 'duplicate of ' || original
  FROM unnest($10::int[]) AS n LEFT JOIN duplicate ON webhook = n
  UNION ALL
  SELECT id, ($1::uuid[])[webhook], ($2::uuid[])[($4::int[])[webhook]], ($12::uuid[])[output], 0, 5, ($23::text[])[reason]
  FROM unnest($20::uuid[], $21::int[], $22::int[], $24::int[]) AS r(id, webhook, output, reason)
  UNION ALL
  SELECT id, ($1::uuid[])[webhook], ($2::uuid[])[($4::int[])[webhook]], ($12::uuid[])[output], agent, 5, 'duplicate of ' || original
  FROM planned WHERE original IS NOT NULL
), d AS (
  INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, attempt, holder, size, order_key, counted)
  SELECT id, ($1::uuid[])[webhook], ($2::uuid[])[($4::int[])[webhook]], ($12::uuid[])[output], agent, held, CASE held WHEN 1 THEN $13::int END,
    ($9::int[])[webhook], order_key, counted
  FROM planned WHERE original IS NULL
)
SELECT webhook, original FROM duplicate`;

/**
 * Settings of the writer's connections. PostgreSQL would plan the statement anew for every batch, because a plan made for
 * few rows looks cheaper than the general one; there is nothing to choose in it. That plan is made for ten rows and must not be
 * one that compares each of a batch with each.
 */
export const WRITER_SETTINGS = { plan_cache_mode: "force_generic_plan", enable_nestloop: "off" } as const;

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

/** The statement that writes one batch. Arrays are written as PostgreSQL text: their elements are uuids, integers and quoted texts. */
export class InsertWebhooks {
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
  readonly #keyedWebhook: number[] = [];
  readonly #keys: string[] = [];
  readonly #keySeconds: number[] = [];

  /** `key`: by which it is known when it comes again. */
  add(webhook: IncomingWebhook, deliveries: readonly PlannedDelivery[], key?: DuplicateKey): void {
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
    if (key !== undefined) {
      this.#keyedWebhook.push(position);
      this.#keys.push(key.hash);
      this.#keySeconds.push(key.windowSeconds);
    }
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
    const deduplicated = this.#keys.length > 0;
    return {
      name: deduplicated ? "insert-webhooks-deduplicated" : "insert-webhooks",
      text: deduplicated ? INSERT_DEDUPLICATED : INSERT,
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
        ...(deduplicated ? [array(this.#keyedWebhook), array(this.#keys), array(this.#keySeconds)] : []),
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
