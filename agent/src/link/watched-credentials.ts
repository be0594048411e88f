import type { Socket } from "node:net";
import type { ChannelCredentials } from "@grpc/grpc-js";

/**
 * The same credentials, which tell of each TCP connection that a channel makes with them. A channel closes politely: its
 * socket stays until the peer has closed too, which a peer that is gone without a word does not do, and one that hangs in
 * the TLS handshake has no end at all. Who has the socket can end it.
 */
export function watchedCredentials(credentials: ChannelCredentials, onSocket: (socket: Socket) => void) {
  const watched = Object.create(credentials) as ChannelCredentials;
  watched._createSecureConnector = (...parameters) => {
    const connector = credentials._createSecureConnector(...parameters);
    return {
      connect(socket) {
        onSocket(socket);
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  };
  return watched;
}
