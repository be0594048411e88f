import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "../hint/hint.js";
import { releaseDeliveries } from "../store/release-deliveries.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import type { Reconciliation } from "./reconciliation.js";

export interface LaneReleasesOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly logger: Logger;
  readonly reconciliation: Reconciliation;
  readonly holder: () => number;
  /** Something waits for the lane again. */
  readonly onWaiting: (lane: Lane) => void;
}

/** Gives stored deliveries back to the database: they wait again, for any server. */
export class LaneReleases {
  readonly #options: LaneReleasesOptions;

  constructor(options: LaneReleasesOptions) {
    this.#options = options;
  }

  /** Nobody serves the lane here any more: what it queued may be served elsewhere. */
  giveBackQueued(lane: Lane): void {
    // An ephemeral bucket's webhooks are nowhere else: they stay until an agent comes or they are too old.
    if (lane.queued === 0 || lane.peek()?.ephemeral === true) return;
    const stored: HeldDelivery[] = [];
    for (const delivery of lane.drain()) {
      if (delivery.ephemeral) lane.push(delivery);
      else stored.push(delivery);
    }
    if (stored.length > 0) void this.release(lane, stored, { tried: false });
  }

  /** `tried`: an agent saw them, so the attempt counts. Never rejects. */
  async release(lane: Lane, deliveries: readonly HeldDelivery[], { tried }: { tried: boolean }): Promise<void> {
    const { pool, hint, logger, reconciliation, holder, onWaiting } = this.#options;
    try {
      await releaseDeliveries(pool, { holder: holder(), ids: deliveries.map(({ id }) => id), tried });
      lane.markBacklog();
      hint.publish("work", [lane.outputId]);
      onWaiting(lane);
    } catch (error) {
      // They still carry our name and nobody here knows them: the next reconciliation frees them.
      reconciliation.need();
      logger.warn({ err: error, count: deliveries.length }, "delivery.release-failed");
    }
  }
}
