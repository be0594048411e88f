import type { ChurnMap } from "../churn-map.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";

export interface EphemeralWebhooksOptions {
  /** Takes the ids of what waits for its next attempt. */
  readonly underway: ChurnMap<string, true>;
  readonly resumeWindowMs: number;
  /** Its function sees a delivery once more before it joins its lane; a place is reserved. */
  readonly prepare: (lane: Lane, delivery: HeldDelivery) => void;
  /** Nobody waits for it any longer. */
  readonly expired: (delivery: HeldDelivery) => void;
}

export interface NextAttempt {
  readonly attempt: number;
  readonly delayMs: number;
  /** Its function has not let it through yet. */
  readonly unprepared: boolean;
}

/** Webhooks that are nowhere but in this memory: how much they take of it, and their waits for the next attempt. */
export class EphemeralWebhooks {
  readonly #options: EphemeralWebhooksOptions;
  #bytes = 0;

  constructor(options: EphemeralWebhooksOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes more are held, or fewer. */
  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Nobody else has it: it waits in this memory, and is no longer waited for after the resume window. */
  keepForRetry(lane: Lane, delivery: HeldDelivery, { attempt, delayMs, unprepared }: NextAttempt): void {
    const { underway, resumeWindowMs, prepare } = this.#options;
    underway.set(delivery.id, true);
    const again = () => {
      const retries = delivery.retries + (attempt - delivery.attempt);
      const retried = { ...delivery, attempt, retries };
      // What its function has not let through yet must not go past it; what it has changed must not be changed again.
      if (unprepared) {
        lane.reserve();
        prepare(lane, retried);
        return;
      }
      underway.delete(delivery.id);
      lane.push(retried);
      lane.pump();
    };
    setTimeout(again, Math.min(delayMs, resumeWindowMs)).unref();
  }

  /** An agent did not finish them: they go before all that came later, with the next attempt number. */
  putBack(lane: Lane, deliveries: readonly HeldDelivery[]): void {
    const again = deliveries.map((delivery) => ({ ...delivery, attempt: delivery.attempt + 1 }));
    const later = lane.drain();
    for (const delivery of [...again, ...later].sort((a, b) => (a.id < b.id ? -1 : 1))) lane.push(delivery);
    lane.pump();
  }

  /** Lets go of what waited longer than the resume window; what is stored is stalled by the sweep. */
  expire(lane: Lane, nowMs: number): void {
    if (lane.peek()?.ephemeral !== true) return;
    const oldest = nowMs - this.#options.resumeWindowMs;
    for (let next = lane.peek(); next !== undefined && next.receivedAtMs < oldest; next = lane.peek()) {
      lane.shift();
      this.#options.expired(next);
    }
  }
}
