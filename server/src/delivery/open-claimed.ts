import type { Output } from "../catalog/model.js";
import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import { idBytes, idTime } from "../ids.js";
import type { ClaimedDelivery } from "../store/claim-deliveries.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { AsksForAnswer } from "./wants-answer.js";

/**
 * Opens a claimed delivery. Rejects with `SealBrokenError` when its webhook cannot ever be read again; with another error
 * when the key could not be loaded now.
 */
export async function openClaimed(
  row: ClaimedDelivery,
  output: Output,
  { sealer, wantsAnswer }: { sealer: Sealer; wantsAnswer: AsksForAnswer },
): Promise<HeldDelivery> {
  if (row.keyVersion === null || row.sealed === null) {
    throw new SealBrokenError("the webhook is not stored any more");
  }
  const inputId = row.inputId ?? "";
  const receivedAtMs = idTime(row.webhookId);
  return {
    id: row.id,
    idBytes: idBytes(row.id),
    webhookId: row.webhookId,
    bucketId: row.bucketId,
    inputId,
    outputId: output.id,
    attempt: row.attempt,
    retries: row.retries,
    skipFunction: row.skipFunction,
    receivedAtMs,
    request: await sealer.open(row.bucketId, idBytes(row.webhookId), row.keyVersion, row.sealed),
    wantsAnswer: wantsAnswer(inputId, output, receivedAtMs),
    ephemeral: false,
  };
}
