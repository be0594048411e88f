import { type buildConnector, Client } from "undici";

const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/** Where connections go, and how they are made. */
export interface Connecting {
  /** Scheme, host and port: `URL.origin`. */
  readonly origin: string;
  /** Settings of undici's connector, or a connector that opens the socket itself. */
  readonly connect: buildConnector.BuildOptions | buildConnector.connector;
  /** Equal for configurations that connect in the same way, so that connections outlive a change of anything else. */
  readonly manner: string;
}

/**
 * The kept-alive connections of one output: one undici client for each call at a time, handed out by the queue that counts
 * the calls. undici's own Pool queues and counts a second time and tells of it by events; without it a delivery costs a
 * tenth less.
 */
export class DestinationConnections {
  readonly #connecting: Connecting;
  /** The one used last is taken first, so that those of a burst can close when it is over. */
  readonly #free: Client[] = [];
  #closed = false;

  constructor(connecting: Connecting) {
    this.#connecting = connecting;
  }

  /** True when calls under the other configuration would connect in the same way. */
  serves(connecting: Connecting): boolean {
    return this.#connecting.origin === connecting.origin && this.#connecting.manner === connecting.manner;
  }

  take(): Client {
    return this.#free.pop() ?? this.#open();
  }

  /** Takes a client back after its call. One whose call got no answer is not used again. */
  giveBack(client: Client, answered: boolean): void {
    if (answered && !this.#closed) this.#free.push(client);
    // undici is still handling the failure when it tells of it.
    else setImmediate(() => destroy(client));
  }

  /** Closes what is idle; what is in use closes when it is given back. */
  close(): void {
    this.#closed = true;
    for (const client of this.#free.splice(0)) destroy(client);
  }

  #open(): Client {
    return new Client(this.#connecting.origin, {
      pipelining: 1,
      // Who calls watches over the whole call.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      connect: this.#connecting.connect,
    });
  }
}

function destroy(client: Client): void {
  client.destroy().catch(() => undefined);
}
