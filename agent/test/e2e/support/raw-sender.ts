import { RawConnection } from "../../../../server/test/support/raw-http.js";

export interface RawWebhook {
  readonly method: string;
  /** Behind the input's address, as it goes on the wire: extra path and query. */
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Sizes of the chunks of a body without Content-Length. */
  readonly chunks?: readonly number[];
}

const ANSWER_MS = 10_000;

/** Sends a request byte by byte as given, on a connection of its own; resolves with the status of the answer. */
export async function sendRaw(port: number, inputPath: string, webhook: RawWebhook): Promise<number> {
  const connection = new RawConnection(`http://127.0.0.1:${port}`);
  connection.socket.setNoDelay(true);
  connection.socket.setTimeout(ANSWER_MS, () => connection.destroy());
  try {
    connection.write(requestBytes(port, inputPath, webhook));
    for (;;) {
      const { status } = await connection.response({ headOnly: true });
      // 100 Continue comes before the answer.
      if (status >= 200) return status;
    }
  } catch (cause) {
    throw new Error(`no answer to ${webhook.method} ${webhook.target}`, { cause });
  } finally {
    connection.destroy();
  }
}

function requestBytes(port: number, inputPath: string, { method, target, fields, body, chunks }: RawWebhook): Buffer {
  const framing: readonly (readonly [string, string])[] =
    chunks === undefined ? [["Content-Length", String(body.length)]] : [["Transfer-Encoding", "chunked"]];
  const lines = [
    `${method} ${inputPath}${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    ...[...fields, ...framing].map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return Buffer.concat([head, chunks === undefined ? body : chunked(body, chunks)]);
}

function chunked(body: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, body.length]) {
    const part = body.subarray(at, at + size);
    if (part.length > 0) parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
    at += part.length;
  }
  parts.push(Buffer.from("0\r\n\r\n"));
  return Buffer.concat(parts);
}
