import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Subscription } from "./subscription.js";

/** A delivery that an agent has in hand and has not acknowledged. */
export interface PendingDelivery {
  readonly delivery: HeldDelivery;
  readonly subscription: Subscription;
  /** Number of the last try that the agent may make: that of the delivery, until the agent announces a retry. */
  attempt: number;
  /** An announced retry is being recorded. */
  recording: boolean;
}
