import type { Template, TemplatePart } from "@relay/provider-schema";
import type { PublicWebhook } from "./public-webhook.js";

/**
 * A template filled in with the values of one call, as bytes in ISO 8859-1 (the form of Node's `rawHeaders`): header fields
 * are bytes of any kind, everything else is UTF-8. What is absent is empty.
 */
export function fillIn(template: Template, webhook: PublicWebhook, write: (value: string) => string): string {
  let text = "";
  for (const part of template) text += part.kind === "text" ? latin1(part.text) : write(valueIn(part, webhook));
  return text;
}

/** A value within a header field: without what would end the field or begin another (RFC 9110 section 5.5). */
export function inHeader(value: string): string {
  let text = "";
  for (const byte of value) text += (byte < " " && byte !== "\t") || byte === "\x7f" ? " " : byte;
  return text;
}

/** A value within the path or query of a URL: every byte but the unreserved ones (RFC 3986 section 2.3) is escaped. */
export function inUrl(value: string): string {
  return value.replace(
    /[^A-Za-z0-9._~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function valueIn(part: Exclude<TemplatePart, { kind: "text" }>, webhook: PublicWebhook): string {
  if (part.kind === "query") return queryField(webhook.query, part.field);
  if (part.kind === "header") return headerField(webhook.headers, part.field);
  switch (part.name) {
    case "webhook.id":
      return webhook.webhookId;
    case "webhook.method":
      return latin1(webhook.method);
    case "webhook.path":
      return latin1(webhook.path);
    case "bucket.name":
      return latin1(webhook.bucketName);
    case "input.name":
      return latin1(webhook.inputName);
    case "output.name":
      return latin1(webhook.outputName);
    case "delivery.id":
      return webhook.deliveryId;
    case "delivery.attempt":
      return String(webhook.attempt);
  }
}

function queryField(query: string, field: string): string {
  return latin1(new URLSearchParams(query).get(field) ?? "");
}

function headerField(headers: readonly string[], lower: string): string {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === lower) return headers[i + 1] ?? "";
  }
  return "";
}

function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
