/** One connection of an agent, whatever carries it: whole frames in, whole frames out. */
export interface AgentTransport {
  readonly kind: "grpc" | "websocket";
  readonly remoteAddress: string;
  /** Sends one encoded `ConnectResponse`. Does nothing once closed. */
  send(frame: Uint8Array): void;
  /** Bytes sent that the peer's connection has not taken yet. */
  bufferedBytes(): number;
  /** Ends the connection after what was sent. */
  close(): void;
}

/** What a transport reports. After `closed` nothing follows. */
export interface AgentTransportEvents {
  frame(bytes: Uint8Array): void;
  closed(reason: string): void;
}
