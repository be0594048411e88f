import type { Logger } from "pino";
import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import { idBytes } from "../ids.js";
import type { ClaimedDelivery } from "../store/claim-deliveries.js";
import type { DeliveryEnds } from "./delivery-ends.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import { openClaimed } from "./open-claimed.js";
import { untried } from "./untried.js";
import type { AsksForAnswer } from "./wants-answer.js";

const NOTHING = new Uint8Array();

export interface OpenOrEndOptions {
  readonly sealer: Sealer;
  readonly wantsAnswer: AsksForAnswer;
  readonly ends: DeliveryEnds;
  readonly logger: Logger;
}

/**
 * Opens a claimed delivery. One whose webhook can no longer be read ends here, as it cannot ever be delivered: undefined.
 * Rejects when the key could not be loaded now, which is not the delivery's fault.
 */
export async function openOrEnd(
  lane: Lane,
  row: ClaimedDelivery,
  { sealer, wantsAnswer, ends, logger }: OpenOrEndOptions,
): Promise<HeldDelivery | undefined> {
  try {
    return await openClaimed(row, lane.output, { sealer, wantsAnswer });
  } catch (error) {
    if (!(error instanceof SealBrokenError)) throw error;
    logger.error({ err: error, delivery: row.id, bucket: row.bucketId }, "delivery.unreadable");
    const { id, webhookId, bucketId, attempt, retries } = row;
    const held = { id, idBytes: idBytes(id), webhookId, bucketId, outputId: lane.outputId, attempt, retries };
    const nothing = { inputId: "", skipFunction: true, receivedAtMs: 0, request: NOTHING, wantsAnswer: false };
    ends.complete({ ...held, ...nothing, ephemeral: false }, untried({ attempt }));
    return undefined;
  }
}
