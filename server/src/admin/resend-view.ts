import { idTime } from "../ids.js";
import type { ResendJob } from "../store/resend-jobs.js";
import { statusName } from "./log-status.js";

/** A job as the API shows it. `found` have been looked at so far, out of `total`; each was either made or skipped. */
export function resendView(job: ResendJob): object {
  const { ephemeral, removed, noOutput, noAgent, again } = job.skipped;
  return {
    id: job.id,
    bucket_id: job.bucketId,
    status: job.statuses.map((number) => statusName(number)),
    output_id: job.outputId ?? "",
    input_id: job.inputId ?? "",
    from: idTime(job.fromId) === 0 ? "" : new Date(idTime(job.fromId)).toISOString(),
    to: new Date(idTime(job.toId)).toISOString(),
    to_output_id: job.toOutputId ?? "",
    process_policy: job.skipFunction ? "skip" : "force",
    rate: job.rate,
    state: job.state,
    error: job.error,
    total: job.total,
    at_least: job.bounded,
    found: job.found,
    made: job.made,
    skipped: { ephemeral, removed, no_output: noOutput, no_agent: noAgent, again },
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    finished_at: job.finishedAt,
  };
}
