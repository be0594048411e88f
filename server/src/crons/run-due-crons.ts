import type pg from "pg";
import type { Catalog } from "../catalog/catalog.js";
import type { Bucket, Cron } from "../catalog/model.js";
import type { Keyring } from "../crypto/keyring.js";
import { idText, newId } from "../ids.js";
import { type AdvancedCron, advanceCrons, type DueCron, takeDueCrons } from "../store/cron-runs.js";
import type { IncomingWebhook } from "../store/incoming-webhook.js";
import { type Handover, WebhookWriter } from "../store/webhook-writer.js";
import type { WebhookFunctions } from "../webhook-functions/webhook-functions.js";
import { cronRequest } from "./cron-request.js";
import { type CronStep, cronStep } from "./cron-step.js";

export interface RunDueCrons {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly keyring: Pick<Keyring, "has" | "seal">;
  readonly handover: Handover;
  readonly functions: Pick<WebhookFunctions, "run">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What became of a cron that was due. */
export interface SteppedCron {
  readonly cron: DueCron;
  readonly step: CronStep;
}

/** A server that froze with crons in its hands loses them after this time; in it a function has its turn and its calls. */
const FROZEN_MS = 10_000;
const FROZEN_WITH_FUNCTIONS_MS = 30_000;

type Unsettled = Omit<IncomingWebhook, "settled">;

/**
 * Makes the runs of those of these crons that are due, at most one of each, and no more at a time than fit into one batch of
 * the writer (`MOST_AT_ONCE`). Returns what was done, nothing when other servers have them in hand.
 *
 * Exactly once, because one transaction does all of it: it locks the crons that no other server has locked, writes the
 * webhooks with their deliveries, moves the crons on to their next time, and commits. A server that is killed before the
 * commit has done nothing, and another one makes the run; after it, nobody finds the run due. When the answer to the commit
 * is lost, the database knows which of the two it was.
 */
export async function runDueCrons(
  options: RunDueCrons,
  ids: readonly string[],
  { withFunctions = false }: { readonly withFunctions?: boolean } = {},
): Promise<readonly SteppedCron[]> {
  const client = await options.pool.connect();
  try {
    const frozenMs = withFunctions ? FROZEN_WITH_FUNCTIONS_MS : FROZEN_MS;
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${frozenMs}`);
    const nowMs = options.now();
    const taken = await takeDueCrons(client, ids, nowMs);
    const stepped: SteppedCron[] = [];
    const webhooks: Unsettled[] = [];
    for (const cron of taken) {
      const step = cronStep(cron.settings, cron.dueMs, nowMs);
      if (step.kind === "run") {
        const webhook = await webhookOf(options, cron, { caughtUp: step.caughtUp, withFunctions });
        // Its bucket is not known here yet, or not readable now, or its function has no turn: it stays due.
        if (webhook === undefined) continue;
        webhooks.push(webhook);
      }
      stepped.push({ cron, step });
    }
    const advanced = stepped.map((each) => advancedCron(each, nowMs));
    const commit = async () => {
      await advanceCrons(client, advanced);
      await client.query("COMMIT");
    };
    if (webhooks.length === 0) await commit();
    else await writeWith(client, { webhooks, handover: options.handover, commit });
    client.release();
    return stepped;
  } catch (error) {
    const broken = await client.query("ROLLBACK").then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}

/** Of 64 KiB of payload each, and what belongs to it: half of what the writer puts into a batch. */
export const MOST_AT_ONCE = 48;

/** The way of every webhook: planned, written, and handed to agents after the commit. */
async function writeWith(
  client: pg.PoolClient,
  { webhooks, handover, commit }: { webhooks: readonly Unsettled[]; handover: Handover; commit: () => Promise<void> },
): Promise<void> {
  let batches = 0;
  const writer = new WebhookWriter({
    pool: {
      query: async (statement) => {
        batches += 1;
        if (batches > 1) throw new Error("crons: one transaction holds one batch of webhooks");
        const result = await client.query(statement);
        await commit();
        return result;
      },
    },
    handover,
    parallel: 1,
    observer: { batch: () => undefined, failed: () => undefined },
  });
  const settled = webhooks.map(
    (webhook) =>
      new Promise<void>((resolve, reject) => {
        writer.add({ ...webhook, settled: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  );
  await Promise.all(settled);
}

async function webhookOf(
  { catalog, keyring, functions, now }: RunDueCrons,
  cron: DueCron,
  { caughtUp, withFunctions }: { readonly caughtUp: boolean; readonly withFunctions: boolean },
): Promise<Unsettled | undefined> {
  const bucket = catalog.bucket(cron.bucketId);
  if (bucket === undefined || !(bucket.ephemeral || keyring.has(bucket.id))) return undefined;
  const receivedAtMs = now();
  const id = newId(receivedAtMs);
  const made = cronRequest({ cronId: cron.id, settings: cron.settings, dueMs: cron.dueMs, caughtUp });
  const known = bucket.crons.find((each) => each.id === cron.id);
  const hasOne = cron.settings.function !== "";
  // Its function was given to it a moment ago, and this server, or the look that took it, does not know of it yet.
  if (hasOne && (!withFunctions || known === undefined)) return undefined;
  const judged: Judged | undefined = hasOne
    ? await passed(functions, { id, bucket, cron: known, request: made })
    : { request: made };
  if (judged === undefined) return undefined;
  const { request, halted } = judged;
  const sealed = bucket.ephemeral ? undefined : keyring.seal(bucket.id, id, request);
  return {
    idText: idText(id),
    bucket,
    inputId: cron.id,
    receivedAtMs,
    request,
    keyVersion: sealed?.keyVersion ?? 0,
    sealed: sealed?.bytes,
    ...(halted === undefined ? {} : { halted }),
  };
}

interface Judged {
  readonly request: Uint8Array;
  readonly halted?: string;
}

/** What its function makes of it; undefined when there is no turn for it now. */
async function passed(
  functions: Pick<WebhookFunctions, "run">,
  { id, bucket, cron, request }: { id: Buffer; bucket: Bucket; cron: Cron | undefined; request: Uint8Array },
): Promise<Judged | undefined> {
  const subject = { webhookId: idText(id), bucket, input: cron, output: undefined, deliveryId: undefined, request };
  const verdict = await functions.run(subject);
  switch (verdict.kind) {
    case "passed":
      return { request: verdict.request };
    case "stopped":
      return { request, halted: "the cron's function stopped it" };
    case "failed":
      return verdict.reason === "busy" ? undefined : { request, halted: verdict.text };
  }
}

function advancedCron({ cron, step }: SteppedCron, nowMs: number): AdvancedCron {
  return { id: cron.id, nextRunMs: step.nextMs, lastRunMs: step.kind === "run" ? nowMs : undefined };
}
