import { WebhookFacts } from "../rules/webhook-facts.js";
import { decodeHeaderBlock, WebhookRequest } from "../wire/index.js";

/** What can be asked about an encoded `WebhookRequest`. */
export function factsOf(request: Uint8Array): WebhookFacts {
  const { method, path, query, headers, body, remoteAddress } = WebhookRequest.decode(request);
  return new WebhookFacts({
    method,
    path,
    rawQuery: query,
    headers: decodeHeaderBlock(headers),
    body,
    remoteAddress,
  });
}
