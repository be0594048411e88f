import type pg from "pg";
import type { Dispatcher } from "../delivery/dispatcher.js";
import { outputPolicy } from "../delivery/output-policy.js";
import { stallDeliveries, stalledSince } from "../store/stall-deliveries.js";
import type { ServedOutput } from "./admission.js";

/** What an agent missed of an output while it was away for too long. */
export interface Gap {
  readonly outputId: string;
  readonly count: number;
  /** Unix milliseconds of the first and the last of them. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StallMissedOptions {
  readonly pool: pg.Pool;
  readonly dispatcher: Dispatcher;
  readonly resumeWindowMs: number;
  readonly agentId: number;
  /** Unix milliseconds; null: it was never here. */
  readonly lastSeenMs: number | null;
  readonly served: readonly ServedOutput[];
}

/**
 * What waited longer than the resume window while no agent was there is stalled now, before anything is claimed. Gives what
 * was stalled since this agent was last seen, for it to be told.
 */
export async function stallMissed(options: StallMissedOptions): Promise<Gap[]> {
  const { pool, dispatcher, resumeWindowMs, lastSeenMs, served } = options;
  const gaps: Gap[] = [];
  const now = Date.now();
  const away = lastSeenMs === null ? Number.POSITIVE_INFINITY : now - lastSeenMs;
  for (const { output } of served) {
    // What has a schedule waits for any agent as long as that says.
    if (output.agents === "one" && outputPolicy(output).schedule !== undefined) continue;
    const lane = dispatcher.lane(output, options.agentId);
    // Another agent works on this lane: its backlog is no cut. Away for less than the window: nothing can be missed.
    if (lane.consumers.length > 0 || away < resumeWindowMs) continue;
    const { agentId } = lane;
    await stallDeliveries(pool, { outputId: output.id, agentId, olderThanMs: now - resumeWindowMs });
    if (lastSeenMs === null) continue;
    const gap = await stalledSince(pool, {
      bucketId: output.bucketId,
      outputId: output.id,
      agentId,
      sinceMs: lastSeenMs,
    });
    if (gap.count > 0) gaps.push({ outputId: output.id, ...gap });
  }
  return gaps;
}
