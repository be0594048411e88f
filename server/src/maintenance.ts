import type pg from "pg";
import type { Logger } from "pino";
import { firstIdAt } from "./ids.js";
import { dropOldPartitions, ensurePartitions } from "./store/partitions.js";
import { rejectOrphans } from "./store/reject-orphans.js";
import { stallDeliveries } from "./store/stall-deliveries.js";
import { unservedLanes } from "./store/unserved-lanes.js";

const STALL_EVERY_MS = 30_000;
const PARTITIONS_EVERY_MS = 3_600_000;

/** Key of the advisory lock under which one server at a time does this. */
const LOCK_KEY = 7_264_173_510;

export interface MaintenanceOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly retentionDays: number;
  readonly resumeWindowMs: number;
}

/** What time does to the data: partitions of coming days, retention, and webhooks that waited too long for an agent. */
export function startMaintenance({ pool, logger, retentionDays, resumeWindowMs }: MaintenanceOptions): {
  stop(): void;
} {
  const partitions = async () => {
    await ensurePartitions(pool, Date.now());
    const dropped = await dropOldPartitions(pool, Date.now(), retentionDays);
    if (dropped.length > 0) logger.info({ dropped }, "retention.dropped");
    const orphans = await rejectOrphans(pool);
    if (orphans > 0) logger.warn({ count: orphans }, "deliveries.orphans-rejected");
  };
  const stall = async () => {
    const olderThanMs = Date.now() - resumeWindowMs;
    for (const { outputId, agentId } of await unservedLanes(pool, firstIdAt(olderThanMs))) {
      const { count } = await stallDeliveries(pool, { outputId, agentId, olderThanMs });
      if (count > 0) logger.warn({ output: outputId, count }, "deliveries.stalled");
    }
  };
  const every = (ms: number, name: string, work: () => Promise<void>) => {
    let running = false;
    return setInterval(() => {
      if (running) return;
      running = true;
      alone(pool, work)
        .catch((error: unknown) => logger.warn({ err: error }, `${name}.failed`))
        .finally(() => {
          running = false;
        });
    }, ms);
  };
  const timers = [every(PARTITIONS_EVERY_MS, "retention", partitions), every(STALL_EVERY_MS, "stalling", stall)];
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Runs `work` unless another server is at it. */
async function alone(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1) AS locked", [LOCK_KEY]);
    if (rows[0]?.locked !== true) return;
    try {
      await work();
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [LOCK_KEY]);
    }
  } finally {
    client.release();
  }
}
