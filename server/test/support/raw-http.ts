import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { Changes } from "./changes.js";

export interface RawResponse {
  readonly status: number;
  /** Head lines behind the status line, as they came. */
  readonly head: string[];
  readonly body: string;
}

/** One TCP or TLS connection to a listener, for requests that no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  received = "";
  closed = false;
  readonly #changes = new Changes();

  /** `from`: a local address, for a sender that is another one. */
  constructor(origin: string, from?: string) {
    const { protocol, hostname, port } = new URL(origin);
    const at = { host: hostname, port: Number(port), ...(from === undefined ? {} : { localAddress: from }) };
    this.socket = protocol === "https:" ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at);
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text) => {
      this.received += text;
      this.#changes.announce();
    });
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.closed = true;
      this.#changes.announce();
    });
  }

  /** Sends text as ISO 8859-1, or bytes. */
  write(data: string | Uint8Array): void {
    if (typeof data === "string") this.socket.write(data, "latin1");
    else this.socket.write(data);
  }

  /** The next response, taken off what was received. Rejects when the connection closes without one. */
  async response({ headOnly = false } = {}): Promise<RawResponse> {
    const parsed = await this.#changes.until(() => this.#parse(headOnly) ?? (this.closed ? null : undefined));
    if (parsed === null) throw new Error(`closed without an answer: ${JSON.stringify(this.received)}`);
    return parsed;
  }

  async end(): Promise<void> {
    await this.#changes.until(() => this.closed);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #parse(headOnly: boolean): RawResponse | undefined {
    const end = this.received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [statusLine = "", ...head] = this.received.slice(0, end).split("\r\n");
    const status = Number(statusLine.split(" ")[1]);
    const length = Number(/^content-length: *(\d+)/im.exec(head.join("\n"))?.[1] ?? 0);
    const bodyless = headOnly || status === 204 || status === 304 || status < 200;
    if (!bodyless && head.some((line) => /^transfer-encoding: *chunked$/i.test(line))) {
      return this.#chunked({ status, head, bodyAt: end + 4 });
    }
    const size = bodyless ? 0 : length;
    if (this.received.length < end + 4 + size) return undefined;
    const body = this.received.slice(end + 4, end + 4 + size);
    this.received = this.received.slice(end + 4 + size);
    return { status, head, body };
  }

  #chunked({ status, head, bodyAt }: { status: number; head: string[]; bodyAt: number }): RawResponse | undefined {
    let body = "";
    let at = bodyAt;
    for (;;) {
      const lineEnd = this.received.indexOf("\r\n", at);
      if (lineEnd < 0) return undefined;
      const size = Number.parseInt(this.received.slice(at, lineEnd), 16);
      const next = lineEnd + 2 + size + 2;
      if (this.received.length < next) return undefined;
      body += this.received.slice(lineEnd + 2, lineEnd + 2 + size);
      at = next;
      if (size > 0) continue;
      this.received = this.received.slice(at);
      return { status, head, body };
    }
  }
}

/** Sends one raw request on a connection of its own and returns the answer. */
export async function rawRequest(origin: string, data: string | Uint8Array): Promise<RawResponse> {
  const connection = new RawConnection(origin);
  try {
    connection.write(data);
    return await connection.response();
  } finally {
    connection.destroy();
  }
}
