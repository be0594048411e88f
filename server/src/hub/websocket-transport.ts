import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { MAX_AGENT_FRAME_BYTES, WEBSOCKET_PATH, WEBSOCKET_PROTOCOL } from "../wire/index.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";

export interface WebSocketEndpoint {
  /** True when this request to upgrade asks for the agent link. */
  isForAgents(request: IncomingMessage): boolean;
  /** Takes such a request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The agent link over WebSocket: one frame per binary message. No compression: webhooks arrive sealed in TLS anyway, and a deflate context per agent costs memory. */
export function websocketEndpoint(
  accept: (transport: AgentTransport) => AgentTransportEvents | undefined,
): WebSocketEndpoint {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_AGENT_FRAME_BYTES,
    clientTracking: false,
    handleProtocols: (protocols) => (protocols.has(WEBSOCKET_PROTOCOL) ? WEBSOCKET_PROTOCOL : false),
  });
  return {
    isForAgents: (request) => request.url === WEBSOCKET_PATH && request.headers.upgrade?.toLowerCase() === "websocket",
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (connection) => serve(connection, request, accept));
    },
  };
}

function serve(
  connection: WebSocket,
  request: IncomingMessage,
  accept: (transport: AgentTransport) => AgentTransportEvents | undefined,
): void {
  if (connection.protocol !== WEBSOCKET_PROTOCOL) {
    connection.close(1002, `sub-protocol ${WEBSOCKET_PROTOCOL} expected`);
    return;
  }
  const transport: AgentTransport = {
    kind: "websocket",
    remoteAddress: request.socket.remoteAddress ?? "",
    send: (frame) => {
      if (connection.readyState === connection.OPEN) connection.send(frame);
    },
    bufferedBytes: () => connection.bufferedAmount,
    close: () => connection.close(1000),
  };
  const events = accept(transport);
  if (events === undefined) {
    connection.close(1013, "too many agents: try again later");
    return;
  }
  connection.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) events.frame(data);
    else connection.close(1003, "binary messages expected");
  });
  connection.on("error", () => connection.terminate());
  connection.on("close", (code) => events.closed(`websocket closed (${code})`));
}
