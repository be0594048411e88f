import type { FailureReason } from "./function-result.js";

/** A limit was passed: the run is over whatever the guest does, which may catch what it likes. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
