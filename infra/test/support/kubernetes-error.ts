/** What an API server answered instead of doing what it was asked. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  /** HTTP status: 403 when admission refused, 404, 409, 422 when a field is invalid, ... */
  readonly status: number;
  /** The server's own word for it: "Forbidden", "NotFound", "Conflict", "Invalid", ... */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}
