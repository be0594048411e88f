import type { FastifyInstance } from "fastify";
import type { Bucket } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { firstIdAt, idBytes, idTime } from "../ids.js";
import { countLogs, type LogRow, reportLog, selectLogs, selectWebhooks } from "../store/logs.js";
import { selectWebhookExecutions } from "../store/webhook-executions.js";
import { Ack, Outcome } from "../wire/generated/relay.js";
import { encodeHeaderBlock } from "../wire/header-block.js";
import { MAX_REPORTED_RESPONSE_BYTES } from "../wire/limits.js";
import type { AdminServices } from "./admin-services.js";
import { attemptViews } from "./attempt-views.js";
import { bodyValidator } from "./body-validator.js";
import { requireBucket, visibleBuckets } from "./find.js";
import { requireLog } from "./find-log.js";
import {
  decodeCursor,
  earlier,
  encodeCursor,
  type LogQuery,
  momentId,
  statusFilter,
  wholeNumber,
} from "./log-query.js";
import { statusNumber } from "./log-status.js";
import { logView } from "./log-view.js";
import { tokenOf } from "./request-token.js";
import { LOG_REPORT_SCHEMA, type LogReportBody } from "./schemas/log.js";

const validateReport = bodyValidator<LogReportBody>("a log", LOG_REPORT_SCHEMA);

const LIMIT = { fallback: 50, min: 1, max: 500 };
/** Behind it the cursor is the way: the database walks over everything that is skipped. */
const OFFSET = { fallback: 0, min: 0, max: 10_000 };
const MAX_COUNTED = 10_000;

/** Sealed bytes of one answer: a page of the largest webhooks must not fill the memory. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;

/** Milliseconds after receipt in which a finished delivery may still be corrected. */
const CORRECTION_MS = 10_000;

/** How far the clocks of servers may be apart, in milliseconds, for runs of one server on webhooks of another to be found. */
const CLOCKS_MS = 60_000;

/** GET /v1/logs; GET and PUT /v1/logs/{id}; GET /v1/buckets/{id}/logs/{log}. */
export function logRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, pool } = services;

  /** Newest first. `total` is exact up to 10,000, beyond that `truncated` is true. */
  app.get<{ Querystring: LogQuery }>("/v1/logs", async (request) => {
    const { query } = request;
    const token = tokenOf(request);
    const buckets =
      query.bucket === undefined || query.bucket === ""
        ? visibleBuckets(catalog, token)
        : [requireBucket(catalog, token, query.bucket)];
    const cursor = decodeCursor(query.cursor);
    const limit = wholeNumber("limit", query.limit, LIMIT);
    const offset = cursor === undefined ? wholeNumber("offset", query.offset, OFFSET) : 0;
    const filter = {
      bucketIds: buckets.map(({ id }) => id),
      status: statusFilter(query.status),
      fromId: momentId("from", query.from, "start"),
      toId: momentId("to", query.to, "end"),
    };
    const found = await selectLogs(pool, { ...filter, toId: earlier(filter.toId, cursor) }, limit + 1, offset);
    const total = await countLogs(pool, filter, MAX_COUNTED + 1);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      data: await views(services, rows, { withBody: query.body !== "false", maxBytes: MAX_LIST_BYTES }),
      limit,
      offset,
      total: Math.min(total ?? offset + rows.length, MAX_COUNTED),
      ...(found.length > limit && last !== undefined ? { next_cursor: encodeCursor(last.id) } : {}),
      ...(total === undefined || total > MAX_COUNTED ? { truncated: true } : {}),
    };
  });

  app.get<{ Params: { id: string } }>("/v1/logs/:id", async (request) => {
    const { row } = await requireLog(services, tokenOf(request), request.params.id);
    return one(services, row);
  });

  /** How each attempt went, oldest first. */
  app.get<{ Params: { id: string } }>("/v1/logs/:id/attempts", async (request) => {
    const { row } = await requireLog(services, tokenOf(request), request.params.id);
    return { attempts: await attemptViews(services, row) };
  });

  app.get<{ Params: { bucket: string; id: string } }>("/v1/buckets/:bucket/logs/:id", async (request) => {
    const token = tokenOf(request);
    const bucket = requireBucket(catalog, token, request.params.bucket);
    const { row } = await requireLog(services, token, request.params.id);
    if (row.bucketId !== bucket.id) throw new RelayError("not-found", "The log is of another bucket.");
    return one(services, row);
  });

  /**
   * How classic clients report the result of a delivery. An unfinished one, or one that was handed out by GET /v1/events, may
   * be reported at any time, a finished one corrected within 10 seconds of the webhook's receipt.
   */
  app.put<{ Params: { id: string } }>("/v1/logs/:id", async (request, reply) => {
    const { row, bucket } = await requireLog(services, tokenOf(request), request.params.id);
    const body = validateReport(request.body);
    const isOpen = row.finishedAt === null || row.handedOut;
    if (!isOpen && services.clock() - idTime(row.webhookId) > CORRECTION_MS) {
      throw new RelayError(
        "invalid",
        "This delivery is finished; it can be corrected within 10 seconds of receipt only.",
      );
    }
    const statusCode = body.status_code ?? 0;
    const status = body.status ?? (statusCode >= 200 && statusCode < 300 ? "sent" : "failed");
    await reportLog(pool, {
      id: row.id,
      status: statusNumber(status) ?? 2,
      statusCode,
      attempt: Math.max(row.attempt, (body.retries ?? 0) + 1),
      ...(await sealAnswer(services, row, bucket, body)),
    });
    return reply.type("text/plain; charset=utf-8").send("");
  });
}

async function one(services: AdminServices, row: LogRow): Promise<object> {
  const [view] = await views(services, [row], { withBody: true, maxBytes: Number.MAX_SAFE_INTEGER });
  return view ?? {};
}

async function views(
  { catalog, pool, sealer, logger }: AdminServices,
  rows: readonly LogRow[],
  { withBody, maxBytes }: { withBody: boolean; maxBytes: number },
): Promise<object[]> {
  const ids = [...new Set(rows.map(({ webhookId }) => webhookId))];
  const webhooks = await selectWebhooks(pool, ids, maxBytes);
  const oldestMs = ids.reduce((oldest, id) => Math.min(oldest, idTime(id)), Number.MAX_SAFE_INTEGER);
  const ran = await selectWebhookExecutions(pool, ids, firstIdAt(Math.max(0, oldestMs - CLOCKS_MS)));
  return Promise.all(
    rows.map((row) => {
      const executions = ran.get(row.webhookId) ?? [];
      return logView(row, webhooks.get(row.webhookId), { catalog, sealer, logger, withBody, executions });
    }),
  );
}

/** The reported answer, sealed as the agent link does it. Nothing is kept of it in an ephemeral bucket. */
async function sealAnswer(
  { sealer, loadBucketKeys }: AdminServices,
  row: LogRow,
  bucket: Bucket,
  body: LogReportBody,
): Promise<{ keyVersion: number; response: Buffer | null }> {
  const answered = body.response_body !== undefined || body.response_headers !== undefined;
  if (bucket.ephemeral || !answered) return { keyVersion: 0, response: null };
  const answer = Ack.encode({
    sequence: 0,
    outcome: Outcome.OUTCOME_UNSPECIFIED,
    statusCode: body.status_code ?? 0,
    durationMs: 0,
    tries: (body.retries ?? 0) + 1,
    error: "",
    fromLedger: false,
    response: {
      headers: encodeHeaderBlock(
        Object.entries(body.response_headers ?? {}).flatMap(([name, values]) =>
          values.flatMap((value) => [name, value]),
        ),
      ),
      body: Buffer.from(body.response_body ?? "", "base64").subarray(0, MAX_REPORTED_RESPONSE_BYTES),
      whole: false,
    },
  }).finish();
  await loadBucketKeys(bucket.id);
  const { keyVersion, bytes } = sealer.seal(bucket.id, idBytes(row.id), answer);
  return { keyVersion, response: bytes };
}
