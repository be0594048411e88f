import type { DestinationAnswer } from "./destination-answer.js";

/** How a sender's wait ended: `answered`; `unanswered` when no delivery can answer any more, `late` when time was up. */
export type WaitEnd =
  | { readonly kind: "answered"; readonly answer: DestinationAnswer }
  | { readonly kind: "unanswered" | "late" };

/** A sender that waits. */
export interface Wait {
  /** The webhook is committed, and so many deliveries may answer. */
  expect(deliveries: number): void;
  /** Nobody waits any more: the sender is gone, or the webhook was not committed. */
  cancel(): void;
}

interface Entry {
  /** Undefined when the wait has ended. */
  onEnd: ((end: WaitEnd) => void) | undefined;
  /** Deliveries that may still answer; below 0 before `expect`, when answers overtake the commit's. */
  open: number;
  committed: boolean;
  readonly bucketId: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * Senders that wait for the answer of a destination, by webhook. Each is an entry and a timer. What the wait ended for is
 * remembered until its deliveries are over or its time is up, so that their ends are known to be this server's affair.
 */
export class ResponseWaits {
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  readonly #byBucket = new Map<string, number>();
  #waiting = 0;

  /** `most`: how many senders may wait at a time; half of them for one bucket, so that its senders keep out no others. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Senders that wait now. */
  get waiting(): number {
    return this.#waiting;
  }

  /** No more may wait for this bucket. */
  full(bucketId: string): boolean {
    return this.#waiting >= this.#most || (this.#byBucket.get(bucketId) ?? 0) >= Math.ceil(this.#most / 2);
  }

  /** Whether a sender of this server waits for the webhook's answer, or did a moment ago. */
  has(webhookId: string): boolean {
    return this.#entries.has(webhookId);
  }

  /** Waits from now on: called before the commit, because an answer may overtake it. `onEnd` is called at most once. */
  open(
    webhookId: string,
    { bucketId, timeoutMs }: { bucketId: string; timeoutMs: number },
    onEnd: (end: WaitEnd) => void,
  ): Wait {
    const late = () => {
      this.#end(entry, { kind: "late" });
      this.#entries.delete(webhookId);
    };
    const entry: Entry = { bucketId, onEnd, open: 0, committed: false, timer: setTimeout(late, timeoutMs) };
    this.#entries.set(webhookId, entry);
    this.#waiting += 1;
    this.#byBucket.set(bucketId, (this.#byBucket.get(bucketId) ?? 0) + 1);
    return {
      expect: (deliveries) => {
        entry.open += deliveries;
        entry.committed = true;
        this.#settle(webhookId, entry);
      },
      cancel: () => {
        this.#end(entry, undefined);
        if (entry.committed) return;
        clearTimeout(entry.timer);
        this.#entries.delete(webhookId);
      },
    };
  }

  /** A delivery that might have answered is over. */
  over(webhookId: string, answer: DestinationAnswer | undefined): void {
    const entry = this.#entries.get(webhookId);
    if (entry === undefined) return;
    entry.open -= 1;
    if (answer !== undefined) this.#end(entry, { kind: "answered", answer });
    this.#settle(webhookId, entry);
  }

  /** Nobody will answer any more: the server stops. */
  endAll(): void {
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.timer);
      this.#end(entry, { kind: "unanswered" });
    }
    this.#entries.clear();
  }

  #settle(webhookId: string, entry: Entry): void {
    if (!entry.committed || entry.open > 0) return;
    clearTimeout(entry.timer);
    this.#entries.delete(webhookId);
    this.#end(entry, { kind: "unanswered" });
  }

  #end(entry: Entry, end: WaitEnd | undefined): void {
    const { onEnd } = entry;
    if (onEnd === undefined) return;
    entry.onEnd = undefined;
    this.#waiting -= 1;
    const left = (this.#byBucket.get(entry.bucketId) ?? 1) - 1;
    if (left === 0) this.#byBucket.delete(entry.bucketId);
    else this.#byBucket.set(entry.bucketId, left);
    if (end !== undefined) onEnd(end);
  }
}
