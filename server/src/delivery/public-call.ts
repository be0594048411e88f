import type { Output } from "../catalog/model.js";
import type { HeldDelivery } from "./held-delivery.js";

/** What the destination of a public output answered, or why it did not. */
export type PublicAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** As `WebhookRequest.headers`. */
      readonly headers: Uint8Array;
      readonly body: Uint8Array;
      /** The body was longer than what is kept of it. */
      readonly truncated: boolean;
      readonly durationMs: number;
      /** Why an answer did not deliver where its status does not say it; for people. */
      readonly error: string;
    }
  | {
      readonly kind: "failed";
      /** One word, as `refused` or `body-timeout`. */
      readonly errorClass: string;
      /** For people. */
      readonly text: string;
      readonly retryable: boolean;
      /** The request never got there. */
      readonly unreached: boolean;
      /** This server may not call that address. */
      readonly blocked: boolean;
      readonly durationMs: number;
    };

/** Makes one attempt of a delivery. Never rejects. */
export type CallPublic = (output: Output, delivery: HeldDelivery) => Promise<PublicAnswer>;
