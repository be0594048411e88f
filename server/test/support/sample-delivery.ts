import type { HeldDelivery } from "../../src/delivery/held-delivery.js";

/** A delivery that a server holds. Ids sort by number. */
export function sampleDelivery(number: number, size = 10): HeldDelivery {
  return {
    id: String(number).padStart(8, "0"),
    idBytes: new Uint8Array(16),
    webhookId: "webhook",
    bucketId: "bucket",
    inputId: "input",
    outputId: "output",
    attempt: 1,
    retries: 0,
    skipFunction: false,
    receivedAtMs: 0,
    request: new Uint8Array(size),
    wantsAnswer: false,
    ephemeral: false,
  };
}
