import type { Ack } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";
import type { Ledger } from "./ledger.js";

/**
 * Gathers what finished: one write to the ledger per turn of the event loop, then acks, many to a frame. The order is the
 * point: an ack that left is in the ledger, and what is in the ledger needs no second call.
 */
export interface AckBatch {
  /** Queues an ack for a session; acks of a session that ends before the flush are dropped. */
  add(session: LinkSession, ack: Ack): void;
  /** Makes sure that a write follows, for a ledger record without ack. */
  schedule(): void;
  /** Writes and sends everything now. */
  flush(): void;
}

/**
 * How long acks may wait for others, in milliseconds. Nobody waits for most of them: the destination has its webhook, and credit is
 * far from spent. A frame of its own for each costs both sides a third of a delivery at 2,000/s (profile of 2026-11).
 */
const GATHER_MS = 4;

const FULL_FRAME = 64;

/** A batch that writes to `ledger` before it sends. `window`: deliveries that may be unacknowledged per output. */
export function createAckBatch(ledger: Ledger, window: number): AckBatch {
  // With little credit the server would stand still meanwhile: then they leave in the same turn.
  const enough = Math.min(FULL_FRAME, Math.floor(window / 8));
  let session: LinkSession | null = null;
  let acks: Ack[] = [];
  let scheduled = false;
  let gathering: NodeJS.Timeout | null = null;
  /** A sender waits for the answer in one of them. */
  let urgent = false;

  const send = (): void => {
    if (gathering !== null) clearTimeout(gathering);
    gathering = null;
    if (acks.length === 0) return;
    const leaving = acks;
    acks = [];
    urgent = false;
    session?.sendAcks(leaving);
  };

  const write = (): void => {
    scheduled = false;
    ledger.flush();
    if (urgent || acks.length >= enough) send();
    else gathering ??= setTimeout(send, GATHER_MS);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(write);
  };

  return {
    add(to, ack) {
      if (to !== session) {
        session = to;
        acks = [];
      }
      acks.push(ack);
      urgent ||= ack.response?.whole === true;
      schedule();
    },
    schedule,
    flush() {
      ledger.flush();
      send();
    },
  };
}
