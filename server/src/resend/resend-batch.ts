import type pg from "pg";
import type { Bucket, Output } from "../catalog/model.js";
import { idText, newId } from "../ids.js";
import { advanceResend, lockResend, type ResendHolder } from "../store/hold-resends.js";
import { insertResends } from "../store/insert-resends.js";
import { type ResendCandidate, selectResendPage } from "../store/resend-candidates.js";
import type { ResendJob } from "../store/resend-jobs.js";
import { insertResendTargets, type ResendTarget } from "../store/resend-targets.js";
import { agentsByOutput, agentTargets } from "./agent-targets.js";

export interface ResendBatchOptions extends ResendHolder {
  readonly jobId: string;
  /** At most so many are looked at. */
  readonly limit: number;
  readonly bucket: (id: string) => Bucket | undefined;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

export type ResendBatch =
  /** The job is another's, or over. */
  | { readonly kind: "lost" }
  | { readonly kind: "failed"; readonly error: string }
  | {
      readonly kind: "made";
      readonly made: number;
      readonly outputIds: readonly string[];
      readonly done: boolean;
    };

/**
 * One step of a job, in one transaction: the deliveries, the cursor and the counts. Whoever dies in it has done nothing; two
 * that believe to hold the job are kept apart by its row lock.
 */
export async function resendBatch(client: pg.ClientBase, options: ResendBatchOptions): Promise<ResendBatch> {
  const job = await lockResend(client, options.jobId, options.holder);
  const bucket = job === undefined ? undefined : options.bucket(job.bucketId);
  if (job === undefined || bucket === undefined) return { kind: "lost" };
  const outputs = bucket.outputs.filter(({ disabled }) => !disabled);
  if (job.toOutputId !== null && !outputs.some(({ id }) => id === job.toOutputId)) {
    return { kind: "failed", error: "The output to send to was deleted or disabled." };
  }
  const page = await selectResendPage(client, { ...job, afterId: job.cursorId }, options.limit);
  const agents = await agentsByOutput(client, outputs);
  const routed = page.candidates.map((candidate) => route(candidate, job, { outputs, agents }));
  const targets = routed.flatMap((to) => (to.kind === "targets" ? to.targets : []));
  const fresh = new Set(
    targets.length === 0 ? [] : (await insertResendTargets(client, job.id, targets)).map((target) => keyOf(target)),
  );
  const counts = { made: 0, ephemeral: 0, removed: 0, noOutput: 0, noAgent: 0, again: 0 };
  const chosen: ResendTarget[] = [];
  for (const to of routed) {
    if (to.kind !== "targets") {
      counts[to.kind] += 1;
      continue;
    }
    // Taken out, so that the same webhook twice on one page counts once.
    const left = to.targets.filter((target) => fresh.delete(keyOf(target)));
    counts[left.length > 0 ? "made" : "again"] += 1;
    chosen.push(...left);
  }
  if (chosen.length > 0) {
    const { skipFunction } = job;
    await insertResends(
      client,
      chosen.map((target) => ({ ...target, id: idText(newId(options.clock())), skipFunction })),
    );
  }
  const { made, ...skipped } = counts;
  await advanceResend(client, {
    id: job.id,
    cursorId: page.lastId,
    found: page.candidates.length,
    made,
    skipped,
    leaseMs: options.leaseMs,
    done: page.ended,
  });
  return { kind: "made", made, outputIds: [...new Set(chosen.map(({ outputId }) => outputId))], done: page.ended };
}

type Route =
  | { readonly kind: "targets"; readonly targets: readonly ResendTarget[] }
  | { readonly kind: "ephemeral" | "removed" | "noOutput" | "noAgent" };

/** Where one goes, or why nowhere. */
function route(
  { webhookId, outputId, agentId, keyVersion }: ResendCandidate,
  { toOutputId }: ResendJob,
  { outputs, agents }: { readonly outputs: readonly Output[]; readonly agents: ReadonlyMap<string, readonly number[]> },
): Route {
  const wanted = toOutputId ?? outputId;
  const output = outputs.find(({ id }) => id === wanted);
  if (keyVersion === null) return { kind: "removed" };
  if (keyVersion === 0) return { kind: "ephemeral" };
  if (output === undefined) return { kind: "noOutput" };
  const serving = agentTargets(output, outputId === output.id ? agentId : 0, agents.get(output.id));
  if (serving.length === 0) return { kind: "noAgent" };
  return { kind: "targets", targets: serving.map((agent) => ({ webhookId, outputId: output.id, agentId: agent })) };
}

function keyOf({ webhookId, outputId, agentId }: ResendTarget): string {
  return `${webhookId} ${outputId} ${agentId}`;
}
