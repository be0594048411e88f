import type { Output } from "../catalog/model.js";
import { idText, newId } from "../ids.js";
import type { IncomingWebhook } from "../store/incoming-webhook.js";
import type { PlannedDelivery } from "../store/planned-delivery.js";

/** Of an output that does not get the webhook: over before it begins. `rejection` says why, for people. */
export function rejectedDelivery(
  { receivedAtMs }: IncomingWebhook,
  output: Pick<Output, "id">,
  rejection: string,
): PlannedDelivery {
  const id = newId(receivedAtMs);
  return {
    idBytes: id,
    idText: idText(id),
    outputId: output.id,
    agentId: 0,
    held: false,
    orderKey: undefined,
    counted: false,
    rejection,
  };
}
