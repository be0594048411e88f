import { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/**
 * A client may offer to change the protocol on any request (`Upgrade: h2c` of curl and Java), and a server may ignore the
 * offer and answer as ever (RFC 9110 section 7.8). Node asks before it parses the body, by `request.upgrade`, and with one
 * upgrade listener it takes every offer away from the ordinary requests. So `upgrade` tells it which offers are taken.
 *
 * Two things Node's parser does with a request whose offer was not taken. Bytes behind it in the same packet, a pipelined
 * request, are dropped: the connection must therefore close after the answer, which tells the sender that nothing behind it
 * was read (RFC 9112 section 9.3.2). And a malformed body is no error: such a request ends by its time limit.
 */
export interface UpgradeOffers {
  /** For `http.createServer`. */
  readonly IncomingMessage: typeof IncomingMessage;
  /**
   * Looks at a request before it is handled. `declined`: close the connection after its answer. `stray`: it came behind such
   * a request, perhaps without its beginning; do nothing with it.
   */
  look(request: IncomingMessage): "plain" | "declined" | "stray";
  /** True when the connection only waits for the answer to a declined request that was read whole. */
  isClosing(socket: Duplex): boolean;
}

/** `isTaken` decides with the request's line and headers. */
export function upgradeOffers(isTaken: (request: IncomingMessage) => boolean): UpgradeOffers {
  const declined = new WeakMap<Duplex, IncomingMessage>();

  class Request extends IncomingMessage {
    // Assigned by Node's constructor, before fields of a class exist: so it is declared only.
    declare private offered: boolean | undefined;

    get upgrade(): boolean {
      return this.offered === true && (this.method === "CONNECT" || (!declined.has(this.socket) && isTaken(this)));
    }

    set upgrade(offered: boolean | null) {
      this.offered = offered === true;
    }

    get hasDeclinedOffer(): boolean {
      return this.offered === true && !this.upgrade;
    }
  }

  return {
    IncomingMessage: Request,
    look(request) {
      if (declined.has(request.socket)) return "stray";
      if (!(request instanceof Request) || !request.hasDeclinedOffer) return "plain";
      declined.set(request.socket, request);
      return "declined";
    },
    isClosing: (socket) => declined.get(socket)?.complete === true,
  };
}
