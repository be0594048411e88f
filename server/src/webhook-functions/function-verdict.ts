import type { FailureReason, FunctionResponse } from "../functions/function-result.js";

/** What a function made of a webhook. */
export type FunctionVerdict =
  | {
      readonly kind: "passed";
      /** An encoded `WebhookRequest`: the very bytes that were given when the function changed nothing. */
      readonly request: Uint8Array;
      readonly response: FunctionResponse | undefined;
    }
  /** It goes no further. */
  | { readonly kind: "stopped"; readonly response: FunctionResponse | undefined }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly text: string };
