import type pg from "pg";
import type { Logger } from "pino";
import type { ChurnMap } from "../churn-map.js";
import { claimAtPace } from "../store/claim-at-pace.js";
import { type ClaimedDelivery, claimDeliveries } from "../store/claim-deliveries.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import type { Reconciliation } from "./reconciliation.js";
import { ResumePace } from "./resume-pace.js";

/** Most deliveries and bytes one claim takes. */
const CLAIM_LIMIT = 256;
const CLAIM_BYTES = 8 * 1024 * 1024;

export interface LaneClaimsOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly reconciliation: Reconciliation;
  /** Takes the ids of what is claimed until it is in its lane. */
  readonly underway: ChurnMap<string, true>;
  readonly holder: () => number;
  /** Deliveries per second an agent that comes back gets of what it missed. */
  readonly resumeRate: number;
  /** Undefined: it can never be delivered, and has ended. Rejects when it could not be opened now. */
  readonly open: (lane: Lane, row: ClaimedDelivery) => Promise<HeldDelivery | undefined>;
  /** Undefined: its function does not let it through now. */
  readonly prepared: (lane: Lane, delivery: HeldDelivery) => Promise<HeldDelivery | undefined>;
  /** A claim is over, and the lane has what it took. */
  readonly onClaimed: (lane: Lane) => void;
}

/** Claims what waits for a lane in the database: as much as its consumers have credit for, one claim of a lane at a time. */
export class LaneClaims {
  readonly #options: LaneClaimsOptions;
  readonly #pace: ResumePace;
  #running = 0;
  #stopped = false;

  constructor(options: LaneClaimsOptions) {
    this.#options = options;
    this.#pace = new ResumePace(options.resumeRate);
  }

  /** Claims under way. */
  get running(): number {
    return this.#running;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Claims for the lane, unless it has no room, a claim runs already, or its pace lets nothing go: then later. */
  claim(lane: Lane): void {
    const { reconciliation, logger, onClaimed } = this.#options;
    if (lane.claiming || this.#stopped || reconciliation.due || lane.consumers.length === 0) return;
    const room = Math.min(lane.room, CLAIM_LIMIT, lane.resuming ? this.#allowance(lane) : CLAIM_LIMIT);
    if (room <= 0 || lane.pausedUntil > performance.now()) return;
    const mark = lane.backlogMark;
    lane.claiming = true;
    this.#running += 1;
    this.#take(lane, room)
      .then(({ deliveries, drained }) => lane.claimed(deliveries, { drained, mark }))
      .catch((error: unknown) => {
        lane.claimed([], { drained: false, mark });
        reconciliation.need();
        logger.warn({ err: error, output: lane.outputId }, "delivery.claim-failed");
      })
      .finally(() => {
        this.#running -= 1;
        onClaimed(lane);
      });
  }

  /** Something may wait for it. */
  next(lane: Lane): void {
    lane.markBacklog();
    this.claim(lane);
  }

  /** The same, and nothing is claimed of it for so long. */
  nextAfter(lane: Lane, ms: number): void {
    if (lane.pausedUntil > performance.now()) return;
    lane.pausedUntil = performance.now() + ms;
    setTimeout(() => this.next(lane), ms + 1).unref();
  }

  /** What the pace of resuming allows now; when that is nothing, the lane is claimed later. */
  #allowance(lane: Lane): number {
    const { count, againMs } = this.#pace.allowance(lane, performance.now());
    if (count === 0) setTimeout(() => this.claim(lane), againMs).unref();
    return count;
  }

  /** Claims up to `limit`; `drained` when nothing more waits. */
  async #take(lane: Lane, limit: number): Promise<{ deliveries: HeldDelivery[]; drained: boolean }> {
    const { underway, open, prepared } = this.#options;
    const { claimed, paced } = await this.#claimRows(lane, limit);
    if (lane.resuming) this.#pace.spend(lane, claimed.length);
    for (const row of claimed) underway.set(row.id, true);
    try {
      const deliveries: HeldDelivery[] = [];
      let bytes = 0;
      for (const row of claimed) {
        bytes += row.sealed?.length ?? 0;
        const delivery = await open(lane, row);
        if (delivery !== undefined) deliveries.push(delivery);
      }
      if (hasFunction(lane.output)) {
        const ready = await Promise.all(deliveries.splice(0).map((each) => prepared(lane, each)));
        for (const each of ready) if (each !== undefined) deliveries.push(each);
      }
      return { deliveries, drained: !paced && claimed.length < limit && bytes < CLAIM_BYTES };
    } finally {
      // What was not opened is unknown again: the reconciliation frees it.
      for (const row of claimed) underway.delete(row.id);
    }
  }

  /** `paced`: more may wait, which the output's pace keeps back. */
  async #claimRows(lane: Lane, limit: number): Promise<{ claimed: readonly ClaimedDelivery[]; paced: boolean }> {
    const { pool, holder } = this.#options;
    const request = {
      outputId: lane.outputId,
      agentId: lane.agentId,
      holder: holder(),
      limit,
      maxBytes: CLAIM_BYTES,
      inOrder: lane.policy.orderOf !== undefined,
    };
    const { pace } = lane.policy;
    if (pace === undefined) return { claimed: await claimDeliveries(pool, request), paced: false };
    const { claimed, againMs, atConcurrency } = await claimAtPace(pool, request, pace);
    if (againMs > 0) {
      lane.pausedUntil = performance.now() + againMs;
      setTimeout(() => this.claim(lane), againMs + 1).unref();
    }
    // At its concurrency the lane goes on with the end of one, here or by the poll, should it be another server's.
    return { claimed, paced: againMs > 0 && !atConcurrency };
  }
}
