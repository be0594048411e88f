import type { Delivery } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";
import { deliveryIdText, deliveryKey } from "./delivery-id.js";

/** One delivery in the agent's hands, from its frame to its ack. */
export class Job {
  readonly key: string;
  readonly id: Uint8Array;
  /** The id as UUID text. */
  readonly idText: string;
  readonly attempt: number;
  /** An encoded WebhookRequest; a view on its frame until the job has to wait for a retry. */
  request: Uint8Array;
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
    this.session = session;
    this.sequence = delivery.sequence;
  }
}
