/**
 * A strict parser for the answers the bench expects: a status line, headers, a body of Content-Length bytes. Anything
 * else (chunked, garbage, bytes after the answer) is an error, because the generator has one request outstanding per
 * connection and counts an answer only when it is sure of it.
 */
export interface ResponseParser {
  /** Feeds bytes; returns the status once a whole answer is in, else 0. Throws on anything unexpected. */
  feed(chunk: Buffer): number;
  /** True when the last whole answer asked to close the connection. */
  readonly closing: boolean;
}

const HEAD_LIMIT = 16_384;

/** A parser for one connection. */
export function createResponseParser(): ResponseParser {
  let pending: Buffer | undefined;
  let closing = false;

  return {
    get closing() {
      return closing;
    },
    feed(chunk) {
      const data = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
      const headEnd = data.indexOf("\r\n\r\n");
      if (headEnd < 0) {
        if (data.length > HEAD_LIMIT) throw new Error("response: the head does not end");
        pending = data;
        return 0;
      }
      const head = data.toString("latin1", 0, headEnd + 2);
      if (!head.startsWith("HTTP/1.1 ") || head.charCodeAt(12) > 32) {
        throw new Error(`response: not an HTTP/1.1 status line: ${JSON.stringify(head.slice(0, 40))}`);
      }
      const status = Number(head.slice(9, 12));
      if (!(status >= 200 && status <= 599)) throw new Error(`response: status ${head.slice(9, 12)}`);
      const length = /\r\ncontent-length: *(\d+) *\r\n/i.exec(head);
      if (length === null && status !== 204 && status !== 304) throw new Error("response: no Content-Length");
      const end = headEnd + 4 + Number(length?.[1] ?? 0);
      if (data.length < end) {
        pending = data;
        return 0;
      }
      if (data.length > end) throw new Error("response: bytes after the answer");
      pending = undefined;
      closing = /\r\nconnection: *close *\r\n/i.test(head);
      return status;
    },
  };
}
