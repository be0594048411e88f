import type { FailureReason } from "./function-result.js";

/** How the guest ended; what it changed is in the run's state. */
export type GuestOutcome =
  | { readonly kind: "finished" }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly message: string;
      readonly line?: number;
      readonly column?: number;
    };
