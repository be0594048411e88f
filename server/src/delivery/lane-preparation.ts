import type { ChurnMap } from "../churn-map.js";
import type { AttemptEnd } from "./attempt-end.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import type { Preparation } from "./preparation.js";

export interface LanePreparationOptions {
  readonly preparation: Pick<Preparation, "of">;
  /** The id of a delivery leaves it when its function has run. */
  readonly underway: ChurnMap<string, true>;
  /** The function changed the size of a webhook that is nowhere but in this memory. */
  readonly onEphemeral: (bytes: number) => void;
  /** The function lets it go no further. */
  readonly stopped: (delivery: HeldDelivery, end: AttemptEnd) => void;
  /** The function failed: an attempt that did not deliver. */
  readonly failed: (lane: Lane, delivery: HeldDelivery, end: AttemptEnd) => void;
  /** There was no time for it now. */
  readonly later: (lane: Lane, delivery: HeldDelivery) => void;
  /** Something was put into the lane. */
  readonly onReady: (lane: Lane) => void;
}

/** Has deliveries pass through their output's function on their way into its lane. */
export class LanePreparation {
  readonly #options: LanePreparationOptions;

  constructor(options: LanePreparationOptions) {
    this.#options = options;
  }

  /** The delivery as its output's function leaves it; undefined when it is not to be handed out now. Never rejects. */
  async prepared(lane: Lane, delivery: HeldDelivery): Promise<HeldDelivery | undefined> {
    const { preparation, onEphemeral, stopped, failed, later } = this.#options;
    const prepared = await preparation.of(lane.output, delivery);
    switch (prepared.kind) {
      case "ready":
        if (delivery.ephemeral) onEphemeral(prepared.delivery.request.length - delivery.request.length);
        return prepared.delivery;
      case "stopped":
        stopped(delivery, prepared.end);
        return undefined;
      case "failed":
        failed(lane, delivery, prepared.end);
        return undefined;
      case "later":
        later(lane, delivery);
        return undefined;
    }
  }

  /** Puts a delivery into the lane when its function has let it through; its place is reserved until then. */
  async push(lane: Lane, delivery: HeldDelivery): Promise<void> {
    const ready = await this.prepared(lane, delivery);
    this.#options.underway.delete(delivery.id);
    lane.unreserve();
    if (ready === undefined) return;
    lane.push(ready);
    this.#options.onReady(lane);
  }
}
