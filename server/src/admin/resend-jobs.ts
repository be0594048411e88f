import type { FastifyInstance, FastifyRequest } from "fastify";
import { mayUseBucket } from "../auth/token-scope.js";
import type { Bucket } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { firstIdAt, idText, isUuid, newId } from "../ids.js";
import { countResends } from "../store/resend-candidates.js";
import {
  cancelResendJob,
  insertResendJob,
  type ResendJob,
  selectResendJob,
  selectResendJobs,
} from "../store/resend-jobs.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { quoted, requireBucket, requireInput, requireOutput, visibleBuckets } from "./find.js";
import { decodeCursor, earlier, encodeCursor, momentId, wholeNumber } from "./log-query.js";
import { statusNumber } from "./log-status.js";
import { tokenOf } from "./request-token.js";
import { resendView } from "./resend-view.js";
import { RESEND_SCHEMA, type ResendBody } from "./schemas/resend.js";

const validate = bodyValidator<ResendBody>("what to re-send", RESEND_SCHEMA);

const DEFAULT_RATE = 100;
/** Counting ends here, or after so long. */
const COUNTED = { most: 100_000, withinMs: 2_000 };
/** Jobs that run or wait to run, of all buckets. */
const MOST_RUNNING = 100;
const LIMIT = { fallback: 50, min: 1, max: 500 };
const FIRST_ID = firstIdAt(0);
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** POST and GET /v1/resends; GET and DELETE /v1/resends/{id}: jobs that send many webhooks again. Ours. */
export function resendJobRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, pool, resends, clock } = services;

  /**
   * Counts what matches (`dry_run`), or starts a job. Its end is now at the latest: what is sent again and fails again is
   * history of the same status, and would else be sent for ever.
   */
  app.post("/v1/resends", async (request, reply) => {
    const body = validate(request.body);
    const bucket = requireBucket(catalog, tokenOf(request), body.bucket);
    const filter = {
      bucketId: bucket.id,
      statuses: [...new Set(body.status ?? ["stalled"])].map((name) => statusNumber(name) ?? 0),
      toId: earlier(momentId("to", body.to, "end"), idText(newId(clock()))) ?? LAST_ID,
      outputId: given(body.output) ? outputId(bucket, body.output) : null,
      inputId: given(body.input) ? requireInput(bucket, body.input).id : null,
    };
    const fromId = momentId("from", body.from, "start") ?? FIRST_ID;
    const toOutputId = given(body.to_output) ? enabledOutput(bucket, body.to_output) : null;
    const { count, bounded } = await countResends(pool, { ...filter, afterId: fromId }, COUNTED);
    if (body.dry_run === true) return { count, at_least: bounded };
    const job = await insertResendJob(
      pool,
      {
        ...filter,
        id: idText(newId(clock())),
        fromId,
        toOutputId,
        skipFunction: body.process_policy === "skip",
        rate: body.rate ?? DEFAULT_RATE,
        total: count,
        bounded,
      },
      MOST_RUNNING,
    );
    if (job === undefined) {
      throw new RelayError("rate-limited", `${MOST_RUNNING} jobs run already. Wait for one, or cancel one.`, {
        retryAfterSeconds: 30,
      });
    }
    resends.wake();
    return reply.code(201).send(resendView(job));
  });

  app.get<{ Querystring: { bucket?: string; limit?: string; cursor?: string } }>("/v1/resends", async (request) => {
    const { bucket, limit: text, cursor } = request.query;
    const token = tokenOf(request);
    const limit = wholeNumber("limit", text, LIMIT);
    const buckets = given(bucket) ? [requireBucket(catalog, token, bucket)] : visibleBuckets(catalog, token);
    const bucketIds = buckets.map(({ id }) => id);
    const found = await selectResendJobs(pool, {
      bucketIds,
      beforeId: decodeCursor(cursor) ?? LAST_ID,
      limit: limit + 1,
    });
    const jobs = found.slice(0, limit);
    const last = jobs.at(-1);
    return {
      data: jobs.map((job) => resendView(job)),
      ...(found.length > limit && last !== undefined ? { next_cursor: encodeCursor(last.id) } : {}),
    };
  });

  app.get<{ Params: { id: string } }>("/v1/resends/:id", async (request) =>
    resendView(await requireJob(services, request, request.params.id)),
  );

  /** Cancels it; what it has made stays. Answers the job as it is then. */
  app.delete<{ Params: { id: string } }>("/v1/resends/:id", async (request) => {
    const { id } = await requireJob(services, request, request.params.id);
    await cancelResendJob(pool, id);
    return resendView(await requireJob(services, request, id));
  });
}

/** A job of a bucket that the token may use. Throws 404 alike when there is none and when it may not. */
async function requireJob({ catalog, pool }: AdminServices, request: FastifyRequest, id: string): Promise<ResendJob> {
  const job = isUuid(id) ? await selectResendJob(pool, id) : undefined;
  const bucket = job === undefined ? undefined : catalog.bucket(job.bucketId);
  if (job === undefined || bucket === undefined || !mayUseBucket(tokenOf(request), bucket)) {
    throw new RelayError("not-found", `There is no re-send ${quoted(id)} that this token may see.`);
  }
  return job;
}

function given(reference: string | undefined): reference is string {
  return reference !== undefined && reference !== "";
}

/** What went to a deleted output may be sent to another one: its id is enough. */
function outputId(bucket: Bucket, reference: string): string {
  return isUuid(reference) ? reference : requireOutput(bucket, reference).id;
}

function enabledOutput(bucket: Bucket, reference: string): string {
  const { id, name, disabled } = requireOutput(bucket, reference);
  if (!disabled) return id;
  throw new RelayError("precondition", `The output ${quoted(name)} is disabled. Enable it, or name another one.`);
}
