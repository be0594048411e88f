import type { IncomingMessage, ServerResponse } from "node:http";

export interface UnreadRefusal {
  readonly status: number;
  /** For people, without a line break. */
  readonly text: string;
  /** 0: nothing is said of it. */
  readonly retryAfterSeconds: number;
}

/** Answers before the body is read: what the sender still pushes is dropped with the connection. */
export function refuseUnread(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, retryAfterSeconds }: UnreadRefusal,
): void {
  const unread = !request.complete && Number(request.headers["content-length"] ?? 1) > 0;
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    "content-type": "text/plain",
    "content-length": body.length,
    ...(retryAfterSeconds > 0 ? { "retry-after": String(retryAfterSeconds) } : {}),
    ...(unread ? { connection: "close" } : {}),
  });
  if (!unread) {
    response.end(body);
    return;
  }
  // The whole answer leaves now; the connection closes when the sender is done. Closing at once would reset it, and
  // the reset overtakes the answer.
  response.write(body);
  discardRest(request, () => response.end());
}

/** How long, and how much, a sender that was refused may go on sending. */
const DISCARD_MS = 2_000;
const DISCARD_BYTES = 64 * 1024 * 1024;

/** Reads what is still coming and drops it, for a while; then calls `done`. */
function discardRest(request: IncomingMessage, done: () => void): void {
  let bytes = 0;
  const timer = setTimeout(done, DISCARD_MS);
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DISCARD_BYTES) done();
  });
  request.on("close", () => {
    clearTimeout(timer);
    done();
  });
  request.resume();
}
