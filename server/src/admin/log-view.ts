import { isUtf8 } from "node:buffer";
import type { Logger } from "pino";
import { KeyUnavailableError } from "../crypto/key-unavailable-error.js";
import type { Sealer } from "../crypto/sealer.js";
import { idBytes, idTime } from "../ids.js";
import type { LogRow, StoredWebhook } from "../store/logs.js";
import { Ack, WebhookRequest } from "../wire/generated/relay.js";
import { decodeHeaderBlock } from "../wire/header-block.js";
import { statusName } from "./log-status.js";

const UNOPENED = {
  broken: "The webhook cannot be opened: its data key was destroyed, or the row is damaged.",
  locked:
    "The webhook cannot be opened at the moment: the key-encryption key cannot be used. The server's log says why.",
} as const;

/**
 * A delivery as the API shows it, opened. Fields beyond the classic ones: `body_base64` (the exact bytes, when they are not
 * text), `body_omitted` (left out of a list for its size), `attempt`, and `error` (why the destination did not take it, or which rule rejected it).
 */
export async function logView(
  row: LogRow,
  webhook: StoredWebhook | undefined,
  { sealer, logger, withBody }: { sealer: Sealer; logger: Logger; withBody: boolean },
): Promise<object> {
  const request = await openRequest(row, webhook, sealer, logger);
  const answer = await openAnswer(row, sealer, logger);
  return {
    id: row.id,
    bucket_id: row.bucketId,
    input_id: webhook?.inputId ?? "",
    output_id: row.outputId ?? "",
    ...requestFields(typeof request === "string" ? undefined : request, withBody),
    ...(webhook !== undefined && webhook.keyVersion > 0 && webhook.sealed === null ? { body_omitted: true } : {}),
    status: statusName(row.status),
    status_code: row.statusCode,
    response_body: Buffer.from(answer?.response?.body ?? []).toString("base64"),
    response_headers: headerMap(answer?.response?.headers),
    retries: Math.max(0, row.attempt - 1),
    attempt: row.attempt,
    duration_ms: row.durationMs,
    error: typeof request === "string" ? UNOPENED[request] : (row.reason ?? answer?.error ?? ""),
    ephemeral: webhook?.keyVersion === 0,
    internal: true,
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
  sealer: Sealer,
  logger: Logger,
): Promise<WebhookRequest | keyof typeof UNOPENED | undefined> {
  if (webhook === undefined || webhook.sealed === null) return undefined;
  try {
    const plain = await sealer.open(webhook.bucketId, idBytes(webhook.id), webhook.keyVersion, webhook.sealed);
    return WebhookRequest.decode(plain);
  } catch (error) {
    logger.error({ err: error, webhookId: row.webhookId }, "log.webhook-not-opened");
    return error instanceof KeyUnavailableError && error.kind !== "damaged" ? "locked" : "broken";
  }
}

async function openAnswer(row: LogRow, sealer: Sealer, logger: Logger): Promise<Ack | undefined> {
  if (row.response === null || row.keyVersion === 0) return undefined;
  try {
    return Ack.decode(await sealer.open(row.bucketId, idBytes(row.id), row.keyVersion, row.response));
  } catch (error) {
    logger.error({ err: error, deliveryId: row.id }, "log.answer-not-opened");
    return undefined;
  }
}

/** Repeated fields under the name as it came first: field names do not distinguish case (RFC 9110 section 5.1). */
function headerMap(block: Uint8Array | undefined): Record<string, string[]> {
  const fields = new Map<string, { name: string; values: string[] }>();
  const raw = block === undefined ? [] : decodeHeaderBlock(block);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const field = fields.get(name.toLowerCase());
    if (field === undefined) fields.set(name.toLowerCase(), { name, values: [raw[i + 1] ?? ""] });
    else field.values.push(raw[i + 1] ?? "");
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries([...fields.values()].map(({ name, values }) => [name, values]));
}
