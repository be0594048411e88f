/**
 * Stands in a resource's properties for a value that is known only after an `up`: the id of what is not created yet, and
 * what is computed from it. Whether it is right cannot be told, but that it will be there can.
 */
export class NotYetKnown {
  /** What reading it from the policy SDK threw. Thrown again, it makes the SDK say which rule had to wait for what. */
  readonly cause: unknown;

  constructor(cause?: unknown) {
    this.cause = cause;
  }
}
