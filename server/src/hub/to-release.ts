import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { PendingDelivery } from "./pending-delivery.js";

/** What is given back of a delivery that its agent did not finish: with the number of the last try it may have made. */
export function toRelease({ delivery, attempt }: PendingDelivery): HeldDelivery {
  return attempt === delivery.attempt ? delivery : { ...delivery, attempt };
}
