import type { Delivery } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";
import { deliveryIdText, deliveryKey } from "./delivery-id.js";

/** One delivery in the agent's hands, from its frame to its ack. */
export class Job {
  readonly key: string;
  readonly id: Uint8Array;
  /** The id as UUID text. */
  readonly idText: string;
  /** The least number its next try may carry: that of the delivery's last hand-out. */
  attempt: number;
  /** Number that the last try carried; 0 before the first. */
  lastAttempt = 0;
  /** An encoded WebhookRequest; a view on its frame until the job has to wait for a retry. */
  request: Uint8Array;
  /** Somebody waits for what the destination answers. */
  answerWanted: boolean;
  /** The last call keeps the whole answer, also one that delivers. */
  answerKept = false;
  /** Who waits for the ack: the session that delivered it last. Null when that session is over. */
  session: LinkSession | null;
  sequence: number;
  /** Earlier sequences of the same session for the same delivery, to be acked together. */
  also: number[] | null = null;
  tries = 0;
  /** Monotonic milliseconds of the first try. */
  startedAt = 0;
  method = "";
  path = "";
  bodyBytes = 0;
  retryTimer: NodeJS.Timeout | null = null;

  constructor(delivery: Delivery, session: LinkSession) {
    this.key = deliveryKey(delivery.id);
    this.id = delivery.id;
    this.idText = deliveryIdText(delivery.id);
    this.attempt = delivery.attempt;
    this.request = delivery.request;
    this.answerWanted = delivery.answerWanted;
    this.session = session;
    this.sequence = delivery.sequence;
  }

  /** Number of the next try: higher than that of every try before, whoever made it. */
  get nextAttempt(): number {
    return Math.max(this.attempt, this.lastAttempt + 1);
  }

  /** Tries on account of the last hand-out; a call that was under way when it came counts as its first. */
  get reportedTries(): number {
    return this.tries === 0 ? 0 : Math.max(1, this.lastAttempt - this.attempt + 1);
  }
}
