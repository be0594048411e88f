import type { Cron } from "../catalog/model.js";
import type { CronFields, WrittenCron } from "../store/crons.js";
import { nextRun } from "./next-run.js";

export interface CronToWrite {
  readonly id: string;
  readonly bucketId: string;
  readonly fields: CronFields;
  /** Undefined for a new one. */
  readonly before: Cron | undefined;
  /** Only of a new one. */
  readonly ownsBucket?: boolean;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** The row of a cron. A change that does not touch when it runs leaves its next run as it is. */
export function writtenCron({ id, bucketId, fields, before, ownsBucket = false, nowMs }: CronToWrite): WrittenCron {
  const { settings } = fields;
  const row = { ...fields, id, bucketId, ownsBucket: before?.ownsBucket ?? ownsBucket };
  if (before !== undefined && timing(before) === timing(fields)) return { ...row, nextRun: "keep" };
  return { ...row, nextRun: { ms: settings.enabled ? nextRun(settings, nowMs) : null } };
}

function timing({ settings }: Pick<Cron, "settings">): string {
  const { enabled, schedule, timezone, recurring, starts_at, ends_at } = settings;
  return JSON.stringify([enabled, schedule, timezone, recurring, starts_at, ends_at]);
}
