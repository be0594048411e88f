import { BLOCKED_ADDRESS } from "./network-lookup.js";

/** What became of a call that got no answer. */
export interface CallFailure {
  /** For people: what happened and what to check. */
  readonly text: string;
  /** True when another try may succeed. */
  readonly retryable: boolean;
  /** True when the connection broke before an answer: most often an idle one that the destination was closing. */
  readonly broken: boolean;
  readonly blocked: boolean;
}

interface NetworkError extends Error {
  readonly code?: string;
  readonly errors?: readonly NetworkError[];
}

/** Names the failure of a call to `origin` in words. */
export function describeFailure(error: Error, origin: string): CallFailure {
  const { code = "" } = error as NetworkError;
  const failure = (text: string, flags?: Partial<CallFailure>): CallFailure => ({
    text,
    retryable: true,
    broken: false,
    blocked: false,
    ...flags,
  });
  switch (code) {
    case "ECONNREFUSED":
      return failure(`connection refused by ${origin}: is the service running?`);
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return failure(`${origin} closed the connection without an answer`, { broken: true });
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return failure(`no connection to ${origin} in time: is the address reachable from here?`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failure(`the host name of ${origin} does not resolve (${code})`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return failure(`no route to ${origin} (${code})`);
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
      return failure(`this request cannot be sent over HTTP/1.1: ${error.message}`, { retryable: false });
    case BLOCKED_ADDRESS:
      return failure(error.message, { retryable: false, blocked: true });
    case "UND_ERR_HEADERS_OVERFLOW":
      return failure(`the response headers of ${origin} are too large`, { retryable: false });
  }
  if (code.startsWith("HPE_")) return failure(`${origin} answered something that is not HTTP (${code})`);
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code)) {
    return failure(
      `the certificate of ${origin} is not accepted (${code}): correct it, or switch tls_verification off`,
    );
  }
  return failure(`no answer from ${origin}: ${error.message}${code === "" ? "" : ` (${code})`}`);
}
