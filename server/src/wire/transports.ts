/** Path of the gRPC method: a bidirectional stream of `ConnectRequest` and `ConnectResponse`. */
export const GRPC_METHOD = "/relay.v1.AgentLinkService/Connect";

/** Path of the WebSocket on the HTTPS listener: one encoded frame per binary message. */
export const WEBSOCKET_PATH = "/v1/agent";

/** WebSocket sub-protocol, so that a wrong peer is refused in the handshake. */
export const WEBSOCKET_PROTOCOL = "relay.v1";
