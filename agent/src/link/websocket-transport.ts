import type { ClientRequestArgs } from "node:http";
import { Socket } from "node:net";
import { MAX_FRAME_BYTES, WEBSOCKET_PATH, WEBSOCKET_PROTOCOL } from "@relay/server/wire";
import WebSocket from "ws";
import { connectionProblem } from "./connection-problem.js";
import type { HttpProxy } from "./http-proxy.js";
import { isLoopback } from "./loopback.js";
import { readAuthorities, type TlsSettings } from "./tls-settings.js";
import { openTlsTunnel } from "./tls-tunnel.js";
import type { Transport, TransportConnection, TransportEvents } from "./transport.js";

export interface WebSocketTransportOptions {
  /** `wss://host:port`, or `ws://` for loopback when TLS is not required. */
  readonly address: string;
  readonly tls: TlsSettings;
  readonly requireTls: boolean;
  /** Null: the server is reached directly. */
  readonly proxy: HttpProxy | null;
}

const HANDSHAKE_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** The agent link over a WebSocket, one frame per binary message. Throws when plain text would leave the machine. */
export function webSocketTransport(options: WebSocketTransportOptions): Transport {
  const url = new URL(WEBSOCKET_PATH, options.address);
  if (url.protocol !== "wss:" && (options.requireTls || !isLoopback(url.hostname))) {
    throw new Error(
      `refusing to send the token in plain text to ${options.address}: use a wss:// address in RELAY_WS_ADDRESS (ws:// works for loopback with RELAY_REQUIRE_TLS=false).`,
    );
  }
  const ca = options.tls.verify ? readAuthorities(options.tls) : null;
  const settings: WebSocket.ClientOptions = {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    followRedirects: false,
    rejectUnauthorized: options.tls.verify,
    ...(ca === null ? {} : { ca }),
    ...(options.proxy === null ? {} : { createConnection: throughProxy(url, options.proxy, options.tls.verify, ca) }),
  };
  return {
    address: `${url.protocol}//${url.host}`,
    connect: (events) => connect(new WebSocket(url, WEBSOCKET_PROTOCOL, settings), events),
  };
}

/** How `ws` gets its connection when there is a proxy: a TLS socket that is ready, handed over by callback. */
function throughProxy(
  url: URL,
  proxy: HttpProxy,
  verify: boolean,
  ca: Buffer | null,
): WebSocket.ClientOptions["createConnection"] {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const create: ClientRequestArgs["createConnection"] = (_options, onCreated) => {
    openTlsTunnel({ proxy, host, port: Number(url.port) || 443, verify, ca }).then(
      (socket) => onCreated(null, socket),
      // http.request looks at the error first; its types want a socket beside it.
      (error: Error) => onCreated(error, new Socket()),
    );
    return undefined;
  };
  // ws hands it to http.request as it is; its types know net.createConnection alone.
  return create as unknown as WebSocket.ClientOptions["createConnection"];
}

function connect(socket: WebSocket, events: TransportEvents): TransportConnection {
  let closed = false;
  let ownReason: string | null = null;
  const closeOnce = (reason: string): void => {
    if (closed) return;
    closed = true;
    events.onClose(ownReason ?? reason);
  };
  socket.binaryType = "nodebuffer";
  socket.on("open", () => {
    if (closed) return;
    events.onOpen();
  });
  socket.on("message", (data, isBinary) => {
    if (closed) return;
    if (isBinary) events.onFrame(data as Buffer);
    else socket.close(1003, "binary messages only");
  });
  socket.on("unexpected-response", (request, response) => {
    ownReason ??= `the server answered ${response.statusCode} instead of opening a WebSocket`;
    request.destroy();
    closeOnce(ownReason);
  });
  socket.on("error", (error) => closeOnce(connectionProblem(error.message)));
  socket.on("close", (code, reason) => closeOnce(describeClose(code, reason.toString())));
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close() {
      ownReason ??= "closed by the agent";
      socket.close(1000);
      // A peer that never answers the close handshake must not hold the program.
      setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
    },
    destroy(reason) {
      ownReason ??= reason;
      socket.terminate();
      closeOnce(reason);
    },
  };
}

function describeClose(code: number, reason: string): string {
  if (reason !== "") return reason;
  if (code === 1000 || code === 1001) return "the server closed the connection";
  if (code === 1006) return "the connection broke";
  return `the server closed the connection (code ${code})`;
}
