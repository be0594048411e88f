import { isUtf8 } from "node:buffer";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import { KeyUnavailableError } from "../crypto/key-unavailable-error.js";
import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import { idBytes, idTime } from "../ids.js";
import type { LogRow, StoredWebhook } from "../store/logs.js";
import type { WebhookExecution } from "../store/webhook-executions.js";
import { WebhookRequest } from "../wire/generated/relay.js";
import { executionIds } from "./execution-ids.js";
import { headerMap } from "./header-map.js";
import { answerFields, openAnswer } from "./log-answer.js";
import { statusName } from "./log-status.js";

const UNOPENED = {
  broken: "The webhook cannot be opened: its data key was destroyed, or the row is damaged.",
  locked:
    "The webhook cannot be opened at the moment: the key-encryption key cannot be used. The server's log says why.",
} as const;

/** Ends that no destination had a part in, so that there is no answer that tells of them. */
const UNCALLED: Readonly<Record<string, string>> = {
  "function-failed": "the output's function failed; the function's log says where and why",
  "function-stopped": "the output's function stopped it",
};

export interface LogViewOptions {
  readonly catalog: Catalog;
  readonly sealer: Sealer;
  readonly logger: Logger;
  readonly withBody: boolean;
  /** Of its webhook; absent: they are left out. */
  readonly executions?: readonly WebhookExecution[];
  /** Rejects when the webhook cannot be opened now but later, instead of showing it without its content. */
  readonly orReject?: boolean;
}

/**
 * A delivery as the API shows it, opened. Fields beyond the classic ones: `body_base64` (the exact bytes, when they are not
 * text), `body_omitted` (left out of a list for its size), `attempt`, `error` and `error_class` (why the destination did not
 * take it, or which rule rejected it), and `next_attempt_at` (Unix seconds; null when none is scheduled).
 */
export async function logView(
  row: LogRow,
  webhook: StoredWebhook | undefined,
  { catalog, sealer, logger, withBody, executions, orReject = false }: LogViewOptions,
): Promise<object> {
  const request = await openRequest(row, webhook, { sealer, logger, orReject });
  const answer = answerFields(await openAnswer(row, { sealer, logger }));
  return {
    id: row.id,
    bucket_id: row.bucketId,
    input_id: webhook?.inputId ?? "",
    output_id: row.outputId ?? "",
    ...requestFields(typeof request === "string" ? undefined : request, withBody),
    ...(webhook !== undefined && webhook.keyVersion > 0 && webhook.sealed === null ? { body_omitted: true } : {}),
    status: statusName(row.status),
    status_code: row.statusCode,
    response_body: answer.response_body,
    response_headers: answer.response_headers,
    retries: Math.max(0, row.attempt - 1),
    attempt: row.attempt,
    duration_ms: row.durationMs,
    error:
      typeof request === "string"
        ? UNOPENED[request]
        : (row.reason ?? (answer.error || UNCALLED[row.errorClass] || "")),
    error_class: row.errorClass,
    ...(executions === undefined ? {} : executionIds(row.id, executions)),
    next_attempt_at: row.dueAt,
    ephemeral: webhook?.keyVersion === 0,
    internal: catalog.output(row.outputId ?? "")?.internal ?? true,
    created_at: Math.floor(idTime(row.webhookId) / 1000),
    updated_at: row.finishedAt ?? Math.floor(idTime(row.id) / 1000),
  };
}

function requestFields(request: WebhookRequest | undefined, withBody: boolean): object {
  if (request === undefined) {
    return { method: "", headers: {}, raw_query: "", extra_path: "", body: "", ip_address: "" };
  }
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  return {
    method: request.method,
    headers: headerMap(request.headers),
    raw_query: request.query,
    extra_path: request.path,
    body: withBody ? body.toString("utf8") : "",
    ...(withBody && !isUtf8(body) ? { body_base64: body.toString("base64") } : {}),
    ip_address: request.remoteAddress,
  };
}

async function openRequest(
  row: LogRow,
  webhook: StoredWebhook | undefined,
  { sealer, logger, orReject }: Pick<LogViewOptions, "sealer" | "logger"> & { readonly orReject: boolean },
): Promise<WebhookRequest | keyof typeof UNOPENED | undefined> {
  if (webhook === undefined || webhook.sealed === null) return undefined;
  try {
    const plain = await sealer.open(webhook.bucketId, idBytes(webhook.id), webhook.keyVersion, webhook.sealed);
    return WebhookRequest.decode(plain);
  } catch (error) {
    if (orReject && !isForEver(error)) throw error;
    logger.error({ err: error, webhookId: row.webhookId }, "log.webhook-not-opened");
    return error instanceof KeyUnavailableError && error.kind !== "damaged" ? "locked" : "broken";
  }
}

function isForEver(error: unknown): boolean {
  return error instanceof SealBrokenError || (error instanceof KeyUnavailableError && error.kind === "damaged");
}
