import type { Queryable } from "./queryable.js";

/** A destination's answer on its way to the server whose sender waits for it. */
export interface AnswerRow {
  /** Of the delivery. */
  readonly id: string;
  readonly webhookId: string;
  readonly bucketId: string;
  readonly keyVersion: number;
  /** Null: the delivery is over without an answer. */
  readonly sealed: Buffer | null;
}

export async function insertAnswers(db: Queryable, rows: readonly AnswerRow[]): Promise<void> {
  await db.query(
    `INSERT INTO answers (id, webhook_id, bucket_id, key_version, sealed)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::bytea[])
     ON CONFLICT (id) DO NOTHING`,
    [
      rows.map(({ id }) => id),
      rows.map(({ webhookId }) => webhookId),
      rows.map(({ bucketId }) => bucketId),
      rows.map(({ keyVersion }) => keyVersion),
      rows.map(({ sealed }) => sealed),
    ],
  );
}

/** Takes the answers to these webhooks: nobody else gets them. */
export async function takeAnswers(db: Queryable, webhookIds: readonly string[]): Promise<AnswerRow[]> {
  const { rows } = await db.query<AnswerRow>(
    `DELETE FROM answers WHERE webhook_id = ANY($1::uuid[])
     RETURNING id, webhook_id AS "webhookId", bucket_id AS "bucketId", key_version AS "keyVersion", sealed`,
    [[...webhookIds]],
  );
  return rows;
}

/** Removes those that nobody came for: no sender waits so long. */
export async function forgetAnswers(db: Queryable): Promise<void> {
  await db.query("DELETE FROM answers WHERE made_at < now() - interval '2 minutes'");
}
