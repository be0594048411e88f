import type pg from "pg";
import type { Logger } from "pino";
import { lanesWithBacklog } from "../store/lanes-with-backlog.js";
import type { Lane } from "./lane.js";
import type { LaneClaims } from "./lane-claims.js";
import type { Lanes } from "./lanes.js";
import type { Reconciliation } from "./reconciliation.js";

const POLL_MS = 1_000;

export interface LanePollOptions {
  readonly pool: pg.Pool;
  readonly lanes: Lanes;
  readonly claims: LaneClaims;
  readonly reconciliation: Reconciliation;
  readonly logger: Logger;
  /** Called for each lane at each look, every `intervalMs`. */
  readonly onLook: (lane: Lane, intervalMs: number) => void;
}

/** Looks at all lanes once a second, so that a hint that was lost costs a second and nothing else. */
export class LanePoll {
  readonly #options: LanePollOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LanePollOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { pool, lanes, claims, reconciliation, logger, onLook } = this.#options;
    const served: Lane[] = [];
    for (const lane of lanes) {
      if (lane.consumers.length > 0) served.push(lane);
      onLook(lane, POLL_MS);
      if (lane.hasBacklog) claims.claim(lane);
    }
    try {
      if (reconciliation.due && claims.running === 0) {
        await reconciliation.run();
        for (const lane of lanes) claims.next(lane);
      }
      const quiet = served.filter((lane) => !lane.hasBacklog);
      for (const { outputId, agentId } of await lanesWithBacklog(pool, quiet)) {
        const lane = lanes.find(outputId, agentId);
        if (lane !== undefined) claims.next(lane);
      }
    } catch (error) {
      logger.warn({ err: error }, "delivery.poll-failed");
    }
  }
}
