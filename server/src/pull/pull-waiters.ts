import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "../hint/hint.js";
import { waitingSubjects } from "../store/waiting-subjects.js";

/** The backstop for lost hints: one look for all who wait here, and only while somebody does. */
const LOOK_EVERY_MS = 1_000;

/** Somebody who waits is announced to the other servers for so long; who waits longer announces again. */
const ANNOUNCED_MS = 60_000;

/** Most that wait on one server. */
const MAX_WAITING = 1_000;

/** What a poller waits for. A bucket's id stands for webhooks that had no output to go to. */
export interface PullInterest {
  readonly bucketId: string | undefined;
  readonly outputIds: readonly string[];
}

export interface PullWaitersOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly logger: Logger;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

interface Waiter {
  readonly subjects: readonly string[];
  readonly resolve: (why: "woken" | "timeout" | "stopped") => void;
}

/**
 * Pollers that wait for a webhook (`wait` of GET /v1/events). A hint wakes one poller of its output or bucket, the longest
 * waiting one; it wakes the next if it left something, so that one webhook does not set a thousand pollers going. Ingest
 * hints at webhooks without an output only in buckets that somebody waits for: a notification costs every commit something.
 */
export class PullWaiters {
  readonly #options: PullWaitersOptions;
  readonly #bySubject = new Map<string, Set<Waiter>>();
  readonly #all = new Set<Waiter>();
  /** Buckets that are waited for on any server, and until when (Unix milliseconds). */
  readonly #wanted = new Map<string, number>();
  readonly #unsubscribe: (() => void)[];
  #look: NodeJS.Timeout | undefined;
  #looking = false;
  #stopped = false;

  constructor(options: PullWaitersOptions) {
    this.#options = options;
    this.#unsubscribe = [
      options.hint.subscribe("work", (subjects) => {
        for (const subject of subjects) this.wake(subject);
      }),
      options.hint.subscribe("pull", (bucketIds) => this.#want(bucketIds)),
    ];
  }

  /** Whether another one may wait here. */
  get hasRoom(): boolean {
    return this.#all.size < MAX_WAITING;
  }

  /** Tells all servers that somebody is about to wait; before the last look, so that nothing falls between. */
  announce({ bucketId }: PullInterest): void {
    if (bucketId === undefined) return;
    const until = this.#wanted.get(bucketId) ?? 0;
    if (until - this.#options.clock() < ANNOUNCED_MS / 2) this.#options.hint.publish("pull", [bucketId]);
  }

  /**
   * Waits for something to pull. "woken" is a guess: look, and call `wake` again for what is left. `gone` ends the wait of a
   * poller that hung up.
   */
  wait(interest: PullInterest, ms: number, gone: AbortSignal): Promise<"woken" | "timeout" | "stopped"> {
    if (this.#stopped || gone.aborted) return Promise.resolve("stopped");
    return new Promise((resolve) => {
      const subjects =
        interest.bucketId === undefined ? interest.outputIds : [interest.bucketId, ...interest.outputIds];
      const hungUp = () => waiter.resolve("stopped");
      const timer = setTimeout(() => waiter.resolve("timeout"), ms);
      const waiter: Waiter = {
        subjects,
        resolve: (why) => {
          clearTimeout(timer);
          gone.removeEventListener("abort", hungUp);
          this.#remove(waiter);
          resolve(why);
        },
      };
      gone.addEventListener("abort", hungUp);
      this.#add(waiter);
    });
  }

  /** Wakes the longest waiting poller of a bucket or output. */
  wake(subject: string): void {
    const [first] = this.#bySubject.get(subject) ?? [];
    first?.resolve("woken");
  }

  /** Webhooks without an output were committed to these buckets here. */
  committed(bucketIds: Iterable<string>): void {
    const now = this.#options.clock();
    const wanted = [...bucketIds].filter((bucketId) => (this.#wanted.get(bucketId) ?? 0) > now);
    if (wanted.length > 0) this.#options.hint.publish("work", wanted);
  }

  /** Sends all who wait away with what there is: nothing. */
  stop(): void {
    this.#stopped = true;
    for (const stop of this.#unsubscribe) stop();
    for (const waiter of [...this.#all]) waiter.resolve("stopped");
  }

  #want(bucketIds: readonly string[]): void {
    const now = this.#options.clock();
    for (const [bucketId, until] of this.#wanted) if (until < now) this.#wanted.delete(bucketId);
    for (const bucketId of bucketIds) this.#wanted.set(bucketId, now + ANNOUNCED_MS);
  }

  #add(waiter: Waiter): void {
    this.#all.add(waiter);
    for (const subject of waiter.subjects) {
      const waiters = this.#bySubject.get(subject);
      if (waiters === undefined) this.#bySubject.set(subject, new Set([waiter]));
      else waiters.add(waiter);
    }
    this.#look ??= setInterval(() => void this.#lookForAll(), LOOK_EVERY_MS);
  }

  #remove(waiter: Waiter): void {
    this.#all.delete(waiter);
    for (const subject of waiter.subjects) {
      const waiters = this.#bySubject.get(subject);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#bySubject.delete(subject);
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  async #lookForAll(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const subject of await waitingSubjects(this.#options.pool, [...this.#bySubject.keys()])) this.wake(subject);
    } catch (error) {
      this.#options.logger.warn({ err: error }, "pull.look-failed");
    } finally {
      this.#looking = false;
    }
  }
}
