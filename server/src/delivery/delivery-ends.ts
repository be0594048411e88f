import type { Output } from "../catalog/model.js";
import { idTime } from "../ids.js";
import { type Completion, STATUS } from "../store/complete-deliveries.js";
import type { Rescheduling } from "../store/reschedule-deliveries.js";
import type { AttemptEnd } from "./attempt-end.js";
import type { BatchedWrites } from "./batched-writes.js";
import type { HeldDelivery } from "./held-delivery.js";
import { nextAttemptMs } from "./next-attempt.js";
import { outputPolicy } from "./output-policy.js";

export interface DeliveryEndsOptions {
  readonly completions: BatchedWrites<Completion>;
  readonly reschedulings: BatchedWrites<Rescheduling>;
  /** Undefined when it was deleted. */
  readonly outputOf: (delivery: HeldDelivery) => Output | undefined;
  /** Called once for each delivery, when no other attempt of it follows; the end may not be recorded yet. */
  readonly onOver: (delivery: HeldDelivery, end: AttemptEnd) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
}

/** What an attempt's end means for its delivery. */
export type Verdict = { readonly kind: "over" } | { readonly kind: "again"; readonly delayMs: number };

/** Decides after each attempt whether a delivery is over or tried again, and records it. */
export class DeliveryEnds {
  readonly #options: DeliveryEndsOptions;

  constructor(options: DeliveryEndsOptions) {
    this.#options = options;
  }

  /** Ids of deliveries whose end is not recorded yet. */
  *ids(): Iterable<string> {
    yield* this.#options.completions.ids();
    yield* this.#options.reschedulings.ids();
  }

  /** Forgets everything: the deliveries are no longer this server's. */
  abandon(): void {
    this.#options.completions.abandon();
    this.#options.reschedulings.abandon();
  }

  /** Resolves when everything is recorded. */
  async drain(): Promise<void> {
    await Promise.all([this.#options.completions.drain(), this.#options.reschedulings.drain()]);
  }

  /**
   * Takes the end of an attempt. `recorded` is called when the database knows it; not for an ephemeral delivery that is to
   * be tried again, which whoever holds it keeps.
   */
  end(delivery: HeldDelivery, end: AttemptEnd, recorded?: () => void): Verdict {
    const delayMs = this.#delayOf(delivery, end);
    if (delayMs === undefined) {
      this.complete(delivery, end, recorded);
      return { kind: "over" };
    }
    if (!delivery.ephemeral) {
      const { attempt, statusCode, durationMs, errorClass, keyVersion, response } = end;
      this.#options.reschedulings.add(
        {
          id: delivery.id,
          dueAt: performance.now() + delayMs,
          retries: delivery.retries + 1,
          attempt,
          statusCode,
          durationMs,
          errorClass,
          keyVersion,
          response,
        },
        recorded,
      );
    }
    return { kind: "again", delayMs };
  }

  /** Ends the delivery, whatever its output says. */
  complete(delivery: HeldDelivery, end: AttemptEnd, recorded?: () => void): void {
    const { status, statusCode, attempt, durationMs, errorClass, keyVersion, response } = end;
    this.#options.completions.add(
      { id: delivery.id, status, statusCode, attempt, durationMs, errorClass, keyVersion, response },
      recorded,
    );
    this.#options.onOver(delivery, end);
  }

  #delayOf(delivery: HeldDelivery, end: AttemptEnd): number | undefined {
    if (end.status !== STATUS.failed) return undefined;
    const { outputOf, now, random } = this.#options;
    const output = outputOf(delivery);
    const schedule = output === undefined ? undefined : outputPolicy(output).schedule;
    if (schedule === undefined) return undefined;
    const ageMs = now() - idTime(delivery.id);
    return nextAttemptMs(schedule, end, { retries: delivery.retries, ageMs, random });
  }
}
