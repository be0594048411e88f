import type { Catalog } from "../catalog/catalog.js";
import type { PublicOutcome } from "../public-destination/public-destination.js";
import type { PublicDestinations } from "../public-destination/public-destinations.js";
import {
  decodeHeaderBlock,
  encodeHeaderBlock,
  MAX_REPORTED_RESPONSE_BYTES,
  MAX_WANTED_RESPONSE_BYTES,
  WebhookRequest,
} from "../wire/index.js";
import type { CallPublic, PublicAnswer } from "./public-call.js";

/** Failures of which the destination itself saw nothing. */
const UNREACHED: ReadonlySet<string> = new Set([
  "dns",
  "dns-timeout",
  "refused",
  "unreachable",
  "connect-timeout",
  "proxy",
  "tls",
  "tls-timeout",
]);

/** Makes attempts with what the catalog knows of a delivery. */
export function callPublicOutput(destinations: PublicDestinations, catalog: Catalog): CallPublic {
  return async (output, delivery) => {
    const { method, path, query, hasQuery, headers, body } = WebhookRequest.decode(delivery.request);
    const webhook = {
      webhookId: delivery.webhookId,
      deliveryId: delivery.id,
      attempt: delivery.attempt,
      bucketName: catalog.bucket(delivery.bucketId)?.name ?? "",
      inputName: catalog.input(delivery.inputId)?.input.name ?? "",
      outputName: output.name,
      method,
      path,
      query,
      hasQuery,
      headers: decodeHeaderBlock(headers),
      body,
    };
    const keep = delivery.wantsAnswer ? MAX_WANTED_RESPONSE_BYTES : MAX_REPORTED_RESPONSE_BYTES;
    const outcome = await destinations.of(output).call(webhook, keep);
    return answerOf(outcome);
  };
}

function answerOf(outcome: PublicOutcome): PublicAnswer {
  const { durationMs, text } = outcome;
  if (outcome.kind === "failed") {
    const { errorClass, retryable } = outcome;
    return {
      kind: "failed",
      errorClass,
      text,
      retryable,
      unreached: UNREACHED.has(errorClass),
      blocked: errorClass === "blocked",
      durationMs,
    };
  }
  const headers = encodeHeaderBlock(outcome.headers.map((each) => each.toString("latin1")));
  return {
    kind: "answered",
    status: outcome.status,
    headers,
    body: outcome.body,
    truncated: outcome.truncated,
    durationMs,
    error: text,
  };
}
