import type { Catalog } from "../catalog/catalog.js";
import type { Output } from "../catalog/model.js";
import { STATUS } from "../store/complete-deliveries.js";
import type { WebhookFunctions } from "../webhook-functions/webhook-functions.js";
import type { AttemptEnd } from "./attempt-end.js";
import type { HeldDelivery } from "./held-delivery.js";

/** What becomes of a delivery before anybody is called. */
export type Prepared =
  | { readonly kind: "ready"; readonly delivery: HeldDelivery }
  /** The output's function lets it go no further. */
  | { readonly kind: "stopped"; readonly end: AttemptEnd }
  /** The function failed: an attempt that did not deliver. */
  | { readonly kind: "failed"; readonly end: AttemptEnd }
  /** There is no time for it now. */
  | { readonly kind: "later" };

/** Has deliveries pass through the functions of their outputs, each time before they are handed out. */
export class Preparation {
  readonly #catalog: Catalog;
  readonly #functions: WebhookFunctions;

  constructor({ catalog, functions }: { catalog: Catalog; functions: WebhookFunctions }) {
    this.#catalog = catalog;
    this.#functions = functions;
  }

  /** Never rejects. */
  async of(output: Output, delivery: HeldDelivery): Promise<Prepared> {
    const bucket = this.#catalog.bucket(delivery.bucketId);
    if (bucket === undefined || delivery.skipFunction) return { kind: "ready", delivery };
    const verdict = await this.#functions.run({
      webhookId: delivery.webhookId,
      deliveryId: delivery.id,
      bucket,
      input: this.#catalog.input(delivery.inputId)?.input,
      output,
      request: delivery.request,
    });
    switch (verdict.kind) {
      case "passed":
        return { kind: "ready", delivery: { ...delivery, request: verdict.request } };
      case "stopped":
        return {
          kind: "stopped",
          end: uncalled(delivery, { status: STATUS.rejected, errorClass: "function-stopped" }),
        };
      case "failed":
        if (verdict.reason === "busy") return { kind: "later" };
        return { kind: "failed", end: uncalled(delivery, { status: STATUS.failed, errorClass: "function-failed" }) };
    }
  }
}

function uncalled(delivery: HeldDelivery, { status, errorClass }: { status: number; errorClass: string }): AttemptEnd {
  return {
    status,
    statusCode: 0,
    attempt: delivery.attempt,
    durationMs: 0,
    errorClass,
    retryable: true,
    retryAfterMs: undefined,
    keyVersion: 0,
    response: null,
    answer: undefined,
  };
}
