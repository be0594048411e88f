import type { ChurnMap } from "../churn-map.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { TriesAnswer, Try } from "../wire/index.js";
import type { PendingDelivery } from "./pending-delivery.js";

/** The most that the database holds. */
const LARGEST_ATTEMPT = 32_767;

export interface AnnouncedTriesOptions {
  /** What the agent has in hand, by sequence; empty once the session is over. */
  readonly pending: Pick<ChurnMap<number, PendingDelivery>, "get">;
  /** Writes the number down; `onEnd` is told whether it is recorded, or the delivery no longer this server's. */
  record(delivery: HeldDelivery, attempt: number, onEnd: (held: boolean) => void): void;
  send(answer: TriesAnswer): void;
}

/**
 * The retries that the agent of a session announces: their numbers are recorded, then allowed. That order is the point: a
 * number that the destination may see is one behind which every later hand-out goes on. What is never stored has its
 * number in the session alone: without this server there is nothing to hand out again.
 */
export class AnnouncedTries {
  readonly #options: AnnouncedTriesOptions;
  #answer: TriesAnswer = { recorded: [], refused: [] };
  #flushing = false;

  constructor(options: AnnouncedTriesOptions) {
    this.#options = options;
  }

  /** Takes what the agent announced. A delivery acknowledged meanwhile is left out: nobody waits for the answer. */
  take(tries: readonly Try[]): void {
    for (const { sequence, attempt } of tries) {
      const pending = this.#options.pending.get(sequence);
      // One number at a time: the next one only makes sense once this one is allowed.
      if (pending === undefined || pending.recording) continue;
      pending.recording = true;
      const wanted = Math.min(Math.max(attempt, pending.attempt), LARGEST_ATTEMPT);
      const onEnd = (held: boolean) => this.#recorded(sequence, pending, held ? wanted : undefined);
      if (pending.delivery.ephemeral) onEnd(true);
      else this.#options.record(pending.delivery, wanted, onEnd);
    }
  }

  #recorded(sequence: number, pending: PendingDelivery, attempt: number | undefined): void {
    if (this.#options.pending.get(sequence) !== pending) return;
    pending.recording = false;
    if (attempt === undefined) {
      this.#answer.refused.push(sequence);
    } else {
      pending.attempt = attempt;
      this.#answer.recorded.push(sequence);
    }
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const answer = this.#answer;
    this.#answer = { recorded: [], refused: [] };
    this.#options.send(answer);
  }
}
