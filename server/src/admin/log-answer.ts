import type { Logger } from "pino";
import type { Sealer } from "../crypto/sealer.js";
import { idBytes } from "../ids.js";
import { Ack } from "../wire/generated/relay.js";
import { headerMap } from "./header-map.js";

export interface SealedAnswer {
  /** Of the delivery. */
  readonly id: string;
  readonly bucketId: string;
  readonly keyVersion: number;
  readonly response: Buffer | null;
}

/** What a destination answered; undefined when nothing was kept, or it cannot be opened. */
export async function openAnswer(
  { id, bucketId, keyVersion, response }: SealedAnswer,
  { sealer, logger }: { sealer: Sealer; logger: Logger },
): Promise<Ack | undefined> {
  if (response === null || keyVersion === 0) return undefined;
  try {
    return Ack.decode(await sealer.open(bucketId, idBytes(id), keyVersion, response));
  } catch (error) {
    logger.error({ err: error, deliveryId: id }, "log.answer-not-opened");
    return undefined;
  }
}

/** The answer as the API shows it. `error` says why there was none, or why it did not deliver. */
export function answerFields(answer: Ack | undefined) {
  return {
    response_body: Buffer.from(answer?.response?.body ?? []).toString("base64"),
    response_headers: headerMap(answer?.response?.headers),
    error: answer?.error ?? "",
  };
}
