/** What ended a call that got no whole answer, for counting and for people who filter by it. */
export type ErrorClass =
  /** The name does not resolve, or not in time. */
  | "dns"
  | "dns-timeout"
  | "blocked"
  | "refused"
  | "unreachable"
  | "connect-timeout"
  /** The outbound proxy did not let the connection through. */
  | "proxy"
  | "tls"
  | "tls-timeout"
  | "reset"
  | "headers-timeout"
  | "body-timeout"
  /** What came is not HTTP, or not what it said it would be. */
  | "protocol"
  /** The answer's header section. A large body is cut, and no error. */
  | "too-large"
  /** The request cannot be sent as it is. */
  | "invalid"
  | "cancelled"
  | "other";

/** An error that knows its class: of the phases of a call, which the codes of the system do not tell apart. */
export class CallError extends Error {
  override name = "CallError";
  readonly code: string;
  readonly errorClass: ErrorClass;

  constructor(errorClass: ErrorClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errorClass = errorClass;
    this.code = `ERR_RELAY_${errorClass.toUpperCase().replace("-", "_")}`;
  }
}
