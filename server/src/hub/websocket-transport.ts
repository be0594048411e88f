import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { MAX_AGENT_FRAME_BYTES, WEBSOCKET_PATH, WEBSOCKET_PROTOCOL } from "../wire/index.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";
import type { Hub } from "./hub.js";

/** How long a peer has to close after us; then its socket is destroyed. */
const CLOSE_TIMEOUT_MS = 5_000;

/** An agent sends a frame as one fragment, in pieces as TLS and TCP cut it: tiny ones in numbers only cost memory. */
const MAX_FRAGMENTS = 16;
const MAX_PIECES = 4_096;

export interface WebSocketEndpoint {
  /** True when this request to upgrade asks for the agent link. */
  isForAgents(request: IncomingMessage): boolean;
  /** Takes such a request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface WebSocketEndpointOptions {
  readonly hub: Pick<Hub, "accept" | "greetings">;
  /** The agent's address, as trusted proxies tell it. */
  readonly clientAddress: (request: IncomingMessage) => string;
}

/** The agent link over WebSocket: one frame per binary message. No compression: webhooks arrive sealed in TLS anyway, and a deflate context per agent costs memory. */
export function websocketEndpoint({ hub, clientAddress }: WebSocketEndpointOptions): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_AGENT_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_PIECES,
    clientTracking: false,
    handleProtocols: (protocols) => (protocols.has(WEBSOCKET_PROTOCOL) ? WEBSOCKET_PROTOCOL : false),
  });
  return {
    isForAgents: (request) => request.url === WEBSOCKET_PATH && request.headers.upgrade?.toLowerCase() === "websocket",
    upgrade(request, socket, head) {
      const remoteAddress = clientAddress(request);
      const greeting = hub.greetings.enter(request.socket, remoteAddress);
      if (greeting === undefined) {
        socket.once("finish", () => socket.destroy());
        socket.end(
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        );
        return;
      }
      server.handleUpgrade(request, socket, head, (connection) =>
        serve(connection, { remoteAddress, accept: (transport) => hub.accept(transport, greeting) }),
      );
    },
  };
}

interface ServeOptions {
  readonly remoteAddress: string;
  readonly accept: (transport: AgentTransport) => AgentTransportEvents | undefined;
}

function serve(connection: WebSocket, { remoteAddress, accept }: ServeOptions): void {
  connection.on("error", () => connection.terminate());
  const part = (code: number, reason = "") => {
    connection.close(code, reason);
    // A peer that does not answer the close handshake, or is gone without a word.
    setTimeout(() => connection.terminate(), CLOSE_TIMEOUT_MS).unref();
  };
  if (connection.protocol !== WEBSOCKET_PROTOCOL) {
    part(1002, `sub-protocol ${WEBSOCKET_PROTOCOL} expected`);
    return;
  }
  const transport: AgentTransport = {
    kind: "websocket",
    remoteAddress,
    send: (frame) => {
      if (connection.readyState === connection.OPEN) connection.send(frame);
    },
    bufferedBytes: () => connection.bufferedAmount,
    close: () => part(1000),
  };
  const events = accept(transport);
  if (events === undefined) {
    part(1013, "the server is stopping: try again later");
    return;
  }
  connection.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) events.frame(data);
    else part(1003, "binary messages expected");
  });
  connection.on("close", (code) => events.closed(`websocket closed (${code})`));
}
