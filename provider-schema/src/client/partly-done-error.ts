import type { Values } from "../engine/value.js";
import { RelayApiError } from "./relay-api-error.js";

/** A request failed after one before it had changed the object. */
export class PartlyDoneError extends RelayApiError {
  override name = "PartlyDoneError";
  /** State of the object as far as it is known. */
  readonly state: Values;

  constructor(cause: RelayApiError, state: Values) {
    super(cause.status, cause.message, { cause });
    this.state = state;
  }
}
