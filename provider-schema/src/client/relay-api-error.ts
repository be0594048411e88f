/** A request that the server refused, or that never got an answer. The message is one for people and holds no secret. */
export class RelayApiError extends Error {
  override name = "RelayApiError";
  /** Status of the answer; 0: there was none. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
