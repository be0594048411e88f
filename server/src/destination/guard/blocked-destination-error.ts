import { BLOCKED_ADDRESS } from "../network-lookup.js";

/** A host that may not be called; the message says which and why. */
export class BlockedDestinationError extends Error {
  override name = "BlockedDestinationError";
  readonly code = BLOCKED_ADDRESS;
}
