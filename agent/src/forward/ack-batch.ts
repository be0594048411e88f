import type { Ack } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";
import type { Ledger } from "./ledger.js";

/**
 * Gathers what finished within one turn of the event loop: one write to the ledger, then one frame of acks. The order is
 * the point: an ack that left is in the ledger, and what is in the ledger needs no second call.
 */
export interface AckBatch {
  /** Queues an ack for a session; acks of a session that ends before the flush are dropped. */
  add(session: LinkSession, ack: Ack): void;
  /** Makes sure that a flush follows, for a ledger record without ack. */
  schedule(): void;
  flush(): void;
}

/** A batch that writes to `ledger` before it sends. */
export function createAckBatch(ledger: Ledger): AckBatch {
  let session: LinkSession | null = null;
  let acks: Ack[] = [];
  let scheduled = false;

  const flush = (): void => {
    scheduled = false;
    ledger.flush();
    if (acks.length === 0) return;
    const leaving = acks;
    acks = [];
    session?.sendAcks(leaving);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  return {
    add(to, ack) {
      if (to !== session) {
        session = to;
        acks = [];
      }
      acks.push(ack);
      schedule();
    },
    schedule,
    flush,
  };
}
