import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { MAX_AGENT_FRAME_BYTES, WEBSOCKET_PATH, WEBSOCKET_PROTOCOL } from "../wire/index.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";

export interface WebSocketEndpoint {
  /** Takes an upgrade of the HTTP server when it is for the agent link; false when it is not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
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
    upgrade(request, socket, head) {
      if (request.url !== WEBSOCKET_PATH) return false;
      server.handleUpgrade(request, socket, head, (connection) => serve(connection, request, accept));
      return true;
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
