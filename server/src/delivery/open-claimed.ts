import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import { idBytes, idTime } from "../ids.js";
import type { ClaimedDelivery } from "../store/claim-deliveries.js";
import type { HeldDelivery } from "./held-delivery.js";

/**
 * Opens a claimed delivery. Rejects with `SealBrokenError` when its webhook cannot ever be read again; with another error
 * when the key could not be loaded now.
 */
export async function openClaimed(outputId: string, row: ClaimedDelivery, sealer: Sealer): Promise<HeldDelivery> {
  if (row.keyVersion === null || row.sealed === null) {
    throw new SealBrokenError("the webhook is not stored any more");
  }
  return {
    id: row.id,
    idBytes: idBytes(row.id),
    webhookId: row.webhookId,
    bucketId: row.bucketId,
    inputId: row.inputId ?? "",
    outputId,
    attempt: row.attempt,
    retries: row.retries,
    skipFunction: row.skipFunction,
    receivedAtMs: idTime(row.webhookId),
    request: await sealer.open(row.bucketId, idBytes(row.webhookId), row.keyVersion, row.sealed),
    ephemeral: false,
  };
}
