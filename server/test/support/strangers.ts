import { randomBytes, randomUUID } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ConnectRequest, GRPC_METHOD, WEBSOCKET_PATH, WEBSOCKET_PROTOCOL } from "../../src/wire/index.js";
import { hello } from "./link-client.js";
import type { TestServer } from "./run-server.js";

/** How far a stranger goes before it falls silent. Beside them "a guess": a whole Hello with a secret that is none. */
export const STRANGERS = [
  "a bare TCP connection to the gRPC port",
  "a TLS connection to the gRPC port",
  "an HTTP/2 connection without a stream",
  "a gRPC stream without a frame",
  "half a gRPC frame",
  "a WebSocket without a frame",
  "half a WebSocket frame",
] as const;
export type StrangerKind = (typeof STRANGERS)[number] | "a guess";

/** A connection of somebody who is no agent, from a local address of the test's choice. */
export interface Stranger {
  readonly closed: boolean;
  /** Sends more bytes on the connection, as part of the frame it has begun. */
  push(bytes: Buffer): void;
  destroy(): void;
}

export interface StrangerOptions {
  readonly kind: StrangerKind;
  /** An address of this machine, as 127.0.0.2. */
  readonly from: string;
}

/** Begins a frame of 100 kB, and sends so little that nobody minds yet. */
const ANNOUNCED_BYTES = 100_000;
const SENT_BYTES = 10_000;

/** Connects and goes as far as `kind` says. */
export function openStranger(server: TestServer, { kind, from }: StrangerOptions): Stranger {
  const overWebSocket = kind.includes("WebSocket");
  const { hostname, port } = new URL(overWebSocket ? server.at.https : `https://${server.at.grpc}`);
  const tcp = connect({ host: hostname, port: Number(port), localAddress: from });
  let closed = false;
  tcp.on("error", () => undefined);
  tcp.on("close", () => {
    closed = true;
  });
  let push: (bytes: Buffer) => void = (bytes) => void tcp.write(bytes);
  // Who does not read does not see the end.
  if (kind === STRANGERS[0]) tcp.resume();
  else {
    const tls = connectTls({
      socket: tcp,
      rejectUnauthorized: false,
      ...(overWebSocket ? {} : { ALPNProtocols: ["h2"] }),
    });
    tls.on("error", () => undefined);
    if (overWebSocket || kind === STRANGERS[1]) tls.resume();
    if (overWebSocket) push = webSocket(tls, kind === "half a WebSocket frame");
    else if (kind !== STRANGERS[1]) push = http2(tls, kind);
  }
  return {
    get closed() {
      return closed;
    },
    push: (bytes) => {
      if (!closed) push(bytes);
    },
    destroy: () => tcp.destroy(),
  };
}

function http2(tls: Socket, kind: StrangerKind): (bytes: Buffer) => void {
  const session = connectHttp2("https://localhost", { createConnection: () => tls });
  session.on("error", () => undefined);
  if (kind === "an HTTP/2 connection without a stream") return () => undefined;
  const stream = session.request({
    ":method": "POST",
    ":path": GRPC_METHOD,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => undefined);
  if (kind === "half a gRPC frame") stream.write(Buffer.concat([grpcHead(ANNOUNCED_BYTES), Buffer.alloc(SENT_BYTES)]));
  if (kind === "a guess") {
    const frame = hello({ tokenKey: randomUUID(), tokenSecret: randomUUID() });
    const bytes = ConnectRequest.encode({ frame }).finish();
    stream.resume().write(Buffer.concat([grpcHead(bytes.length), bytes]));
  }
  return (bytes) => void stream.write(bytes);
}

function grpcHead(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return head;
}

function webSocket(tls: Socket, half: boolean): (bytes: Buffer) => void {
  tls.write(
    [
      `GET ${WEBSOCKET_PATH} HTTP/1.1`,
      "Host: localhost",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${WEBSOCKET_PROTOCOL}`,
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "\r\n",
    ].join("\r\n"),
  );
  if (half) {
    // Binary, final; masked, with a length of eight bytes.
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    head.writeUInt32BE(ANNOUNCED_BYTES, 6);
    tls.write(Buffer.concat([head, Buffer.alloc(SENT_BYTES)]));
  }
  return (bytes) => void tls.write(bytes);
}

/** A Hello of more than 16 KiB. */
export function largeHello(token: { key: string; secret: string }): Uint8Array {
  const frame = hello({
    tokenKey: token.key,
    tokenSecret: token.secret,
    buckets: Array.from({ length: 600 }, (_, i) => `bucket-${i}-${"x".repeat(30)}`),
  });
  return ConnectRequest.encode({ frame }).finish();
}
