/** What a session needs of a transport: frames out, frames in, the end. gRPC and WebSocket carry the same bytes. */
export interface Transport {
  /** Starts a connection; never throws: a failure to connect is reported by `onClose`. */
  connect(events: TransportEvents): TransportConnection;
  /** The server's address for people, such as `grpcs://relay.example.com:9302`. */
  readonly address: string;
}

export interface TransportEvents {
  /** Frames may be sent from now on. */
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** Called exactly once, with the reason for people. */
  onClose(reason: string): void;
}

export interface TransportConnection {
  /** Sends one encoded frame; without effect after the end. */
  send(frame: Uint8Array): void;
  /** Lets what was sent leave, then ends; `onClose` follows. */
  close(): void;
  /** Ends at once; `onClose` follows. */
  destroy(reason: string): void;
}
