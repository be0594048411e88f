import type pg from "pg";
import type { Logger } from "pino";
import { firstIdAt } from "./ids.js";
import { forgetAnswers } from "./store/answers.js";
import { STATUS } from "./store/complete-deliveries.js";
import { dropExpiredKeys } from "./store/drop-expired-keys.js";
import { forgetAgents } from "./store/forget-agents.js";
import { freeAbandoned } from "./store/free-abandoned.js";
import { overdueOutputs } from "./store/overdue-outputs.js";
import { dropOldPartitions, ensurePartitions } from "./store/partitions.js";
import { rejectOrphans } from "./store/reject-orphans.js";
import { runAlone } from "./store/run-alone.js";
import { stallDeliveries } from "./store/stall-deliveries.js";
import { unservedLanes } from "./store/unserved-lanes.js";

const STALL_EVERY_MS = 30_000;
const PARTITIONS_EVERY_MS = 3_600_000;
const ABANDONED_EVERY_MS = 300_000;
const KEYS_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;

/** Where logs are kept for years, agents are not. */
const MAX_REMEMBERED_DAYS = 30;

/** Keys of the advisory locks under which one server at a time does each. One for each, or one would now and then skip the other. */
const PARTITIONS_LOCK = 7_264_173_510;
const STALL_LOCK = 7_264_173_511;
const ABANDONED_LOCK = 7_264_173_519;
const KEYS_LOCK = 7_264_173_520;

export interface MaintenanceOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly retentionDays: number;
  readonly resumeWindowMs: number;
  /** How long deliveries of outputs with a schedule wait, in milliseconds. */
  readonly deadlines: () => readonly { readonly outputId: string; readonly deadlineMs: number }[];
}

export interface Maintenance {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/**
 * What time does to the data: partitions of coming days, retention, webhooks that waited too long for an agent, and keys that are out of their window. The
 * first two at once, too: a server that is restarted more often than they are due would never get to them.
 */
export function startMaintenance(options: MaintenanceOptions): Maintenance {
  const { pool, logger, retentionDays, resumeWindowMs } = options;
  const partitions = async () => {
    await ensurePartitions(pool, Date.now());
    const dropped = await dropOldPartitions(pool, Date.now(), retentionDays);
    if (dropped.length > 0) logger.info({ dropped }, "retention.dropped");
    const orphans = await rejectOrphans(pool);
    if (orphans > 0) logger.warn({ count: orphans }, "deliveries.orphans-rejected");
    const forgotten = await forgetAgents(pool, forgetAfterMs(retentionDays, resumeWindowMs));
    if (forgotten > 0) logger.info({ count: forgotten }, "agents.forgotten");
  };
  const stall = async () => {
    const olderThanMs = Date.now() - resumeWindowMs;
    for (const { outputId, agentId } of await unservedLanes(pool, firstIdAt(olderThanMs))) {
      const { count } = await stallDeliveries(pool, { outputId, agentId, olderThanMs });
      if (count > 0) logger.warn({ output: outputId, count }, "deliveries.stalled");
    }
    await endOverdue(options);
    await forgetAnswers(pool);
  };
  const abandoned = async () => {
    const freed = await freeAbandoned(pool);
    if (freed > 0) logger.warn({ count: freed }, "deliveries.abandoned-freed");
  };
  const keys = async () => {
    await dropExpiredKeys(pool);
  };
  const job = (name: string, lock: number, work: () => Promise<void>) => {
    let running: Promise<void> | undefined;
    const run = () => {
      running ??= runAlone(pool, lock, work)
        .catch((error: unknown) => logger.warn({ err: error }, `${name}.failed`))
        .finally(() => {
          running = undefined;
        });
    };
    return { run, ended: async () => running };
  };
  const retention = job("retention", PARTITIONS_LOCK, partitions);
  const stalling = job("stalling", STALL_LOCK, stall);
  const freeing = job("freeing", ABANDONED_LOCK, abandoned);
  const forgetting = job("forgetting-keys", KEYS_LOCK, keys);
  retention.run();
  const timers = [
    setInterval(retention.run, PARTITIONS_EVERY_MS),
    setInterval(stalling.run, STALL_EVERY_MS),
    setInterval(freeing.run, ABANDONED_EVERY_MS),
    setInterval(forgetting.run, KEYS_EVERY_MS),
  ];
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([retention.ended(), stalling.ended(), freeing.ended(), forgetting.ended()]);
    },
  };
}

/** Ends what waited past its deadline, as it does while a destination is left alone. */
async function endOverdue({ pool, logger, deadlines }: MaintenanceOptions): Promise<void> {
  const now = Date.now();
  const all = deadlines().map(({ outputId, deadlineMs }) => ({ outputId, olderThanMs: now - deadlineMs }));
  const overdue = await overdueOutputs(pool, all);
  const end = { status: STATUS.failed, errorClass: "deadline" };
  for (const { outputId, olderThanMs } of all.filter((each) => overdue.has(each.outputId))) {
    const { count } = await stallDeliveries(pool, { outputId, agentId: 0, olderThanMs, end });
    if (count > 0) logger.warn({ output: outputId, count }, "deliveries.overdue");
  }
}

/**
 * How long an agent is remembered: as long as what it missed is listed. When it returns it is told of the cut in its
 * history, and what it missed can be sent to it again; a forgotten agent is a new one that has missed nothing.
 */
function forgetAfterMs(retentionDays: number, resumeWindowMs: number): number {
  return Math.max(resumeWindowMs, Math.min(retentionDays, MAX_REMEMBERED_DAYS) * DAY_MS);
}
