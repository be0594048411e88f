import type pg from "pg";
import type { Logger } from "pino";
import type { Sealer } from "../crypto/sealer.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Hint } from "../hint/hint.js";
import { idBytes } from "../ids.js";
import { type AnswerRow, insertAnswers, takeAnswers } from "../store/answers.js";
import { Ack, Outcome } from "../wire/index.js";
import type { DestinationAnswer } from "./destination-answer.js";
import type { ResponseWaits } from "./response-waits.js";

/** Answers and bytes of them that may wait for the database; what comes then is not passed on. */
const MAX_QUEUED = 4_096;
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

const MAX_BATCH = 128;

export interface RemoteAnswersOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly sealer: Sealer;
  readonly waits: ResponseWaits;
  readonly logger: Logger;
}

/**
 * Brings answers to the server whose sender waits, through a table and a hint that it is there. The hint may be lost, and
 * then the sender gets what it would get of a destination that was too slow: nobody polls for it.
 */
export class RemoteAnswers {
  readonly #options: RemoteAnswersOptions;
  #queued: AnswerRow[] = [];
  #queuedBytes = 0;
  #writing = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: RemoteAnswersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.hint.subscribe("answers", (webhookIds) => this.#fetch(webhookIds));
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** Tells whoever has the webhook's sender that this delivery of it is over. */
  tell(delivery: HeldDelivery, answer: DestinationAnswer | undefined): void {
    const row = this.#row(delivery, answer);
    const bytes = row.sealed?.length ?? 0;
    if (this.#queued.length >= MAX_QUEUED || this.#queuedBytes + bytes > MAX_QUEUED_BYTES) return;
    this.#queued.push(row);
    this.#queuedBytes += bytes;
    if (!this.#writing) void this.#write();
  }

  #row(delivery: HeldDelivery, answer: DestinationAnswer | undefined): AnswerRow {
    const { id, webhookId, bucketId } = delivery;
    const nothing = { id, webhookId, bucketId, keyVersion: 0, sealed: null };
    if (answer === undefined) return nothing;
    try {
      const { keyVersion, bytes } = this.#options.sealer.seal(bucketId, delivery.idBytes, encoded(answer));
      return { ...nothing, keyVersion, sealed: bytes };
    } catch {
      // The bucket was deleted meanwhile: there is no key, and its senders get what they got before.
      return nothing;
    }
  }

  async #write(): Promise<void> {
    const { pool, hint, logger } = this.#options;
    this.#writing = true;
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, MAX_BATCH);
      for (const { sealed } of batch) this.#queuedBytes -= sealed?.length ?? 0;
      try {
        await insertAnswers(pool, batch);
        hint.publish("answers", [...new Set(batch.map(({ webhookId }) => webhookId))]);
      } catch (error) {
        logger.warn({ err: error, count: batch.length }, "answers.not-passed-on");
      }
    }
    this.#writing = false;
  }

  #fetch(webhookIds: readonly string[]): void {
    const { pool, waits, logger } = this.#options;
    const own = webhookIds.filter((id) => waits.has(id));
    if (own.length === 0) return;
    takeAnswers(pool, own)
      .then((rows) => Promise.all(rows.map((row) => this.#arrived(row))))
      .catch((error: unknown) => logger.warn({ err: error }, "answers.not-fetched"));
  }

  async #arrived({ id, webhookId, bucketId, keyVersion, sealed }: AnswerRow): Promise<void> {
    const { sealer, waits } = this.#options;
    const answer = sealed === null ? undefined : decoded(await sealer.open(bucketId, idBytes(id), keyVersion, sealed));
    waits.over(webhookId, answer);
  }
}

/** In the form that answers are kept in everywhere. */
function encoded({ status, headers, body }: DestinationAnswer): Uint8Array {
  return Ack.encode({
    sequence: 0,
    outcome: Outcome.OUTCOME_UNSPECIFIED,
    statusCode: status,
    durationMs: 0,
    tries: 1,
    error: "",
    response: { headers, body, whole: true },
    fromLedger: false,
  }).finish();
}

function decoded(bytes: Uint8Array): DestinationAnswer | undefined {
  const { statusCode: status, response } = Ack.decode(bytes);
  return response === undefined ? undefined : { status, headers: response.headers, body: response.body };
}
