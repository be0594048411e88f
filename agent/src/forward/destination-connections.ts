import { Client } from "undici";
import { networkLookup } from "./network-lookup.js";
import type { CallablePlan } from "./output-plan.js";

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/**
 * The kept-alive connections of one output: one undici client for each call at a time, handed out by the queue that counts
 * the calls. undici's own Pool queues and counts a second time and tells of it by events; without it a delivery costs a
 * tenth less.
 */
export class DestinationConnections {
  readonly #plan: CallablePlan;
  /** The one used last is taken first, so that those of a burst can close when it is over. */
  readonly #free: Client[] = [];
  #closed = false;

  constructor(plan: CallablePlan) {
    this.#plan = plan;
  }

  /** True when calls under the other configuration would connect in the same way. */
  serves(plan: CallablePlan): boolean {
    return (
      this.#plan.destination.origin === plan.destination.origin &&
      this.#plan.verifyTls === plan.verifyTls &&
      this.#plan.verdict.kind === plan.verdict.kind &&
      connectTimeout(this.#plan) === connectTimeout(plan)
    );
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
    const { destination, verdict, verifyTls } = this.#plan;
    return new Client(destination.origin, {
      pipelining: 1,
      // The queue watches over the whole call.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      connect: {
        timeout: connectTimeout(this.#plan),
        rejectUnauthorized: verifyTls,
        ...(verdict.kind === "by-address" ? { lookup: networkLookup(verdict.networks) } : {}),
      },
    });
  }
}

function connectTimeout(plan: CallablePlan): number {
  return Math.min(CONNECT_TIMEOUT_MS, plan.timeoutMs);
}

function destroy(client: Client): void {
  client.destroy().catch(() => undefined);
}
