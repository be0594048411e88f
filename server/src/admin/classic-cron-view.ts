import type { Bucket, Cron } from "../catalog/model.js";
import type { CronRuns } from "../store/cron-runs.js";
import { bucketView } from "./bucket-view.js";
import { cronView } from "./cron-view.js";

export interface FoundCron {
  readonly cron: Cron;
  readonly bucket: Bucket;
}

/** A cron as the classic API shows it: with the bucket that was made with it, and where that one delivers to. */
export function classicCronView({ cron, bucket }: FoundCron, runs: CronRuns, publicUrl: string): object {
  return {
    ...cronView(cron, runs),
    destination: ownDestination({ cron, bucket }),
    ...(cron.ownsBucket ? { bucket: bucketView(bucket, publicUrl) } : {}),
  };
}

/** Empty for a cron of a bucket that people made: its outputs are not the cron's. */
export function ownDestination({ cron, bucket }: FoundCron): string {
  return cron.ownsBucket ? (bucket.outputs[0]?.destination ?? "") : "";
}
